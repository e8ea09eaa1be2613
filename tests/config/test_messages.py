"""The check of the Chinese catalogues: complete, in line with the code, sure of themselves."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

from config import messages

MISSING = '\nmsgid "Cut"\nmsgstr ""\n'
FUZZY = '\n#, fuzzy\nmsgid "Cut"\nmsgstr "剪切？"\n'
HEAD = 'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'


@pytest.fixture
def ours(monkeypatch, tmp_path):
    copy = tmp_path / "django.po"
    copy.write_bytes(messages.OURS.read_bytes())
    monkeypatch.setattr(messages, "OURS", copy)
    return copy


def test_the_catalogues_are_complete(capsys):
    assert messages.main("check") == 0, capsys.readouterr().out


def test_a_text_that_is_missing_unsure_or_said_nowhere_is_named(ours, capsys):
    whole = ours.read_text()
    text = 'msgid "Credentials cannot be decrypted: set the key that encrypted them. ({names})"\n'
    unsure = 'msgid "The clocks agree."\n'
    assert text in whole and unsure in whole
    start, end = whole.index(text), whole.index("\n\n", whole.index(text))
    whole = whole[:start] + whole[end:]
    ours.write_text(whole.replace(unsure, f"#, fuzzy\n{unsure}") + '\nmsgid "Old words"\nmsgstr "旧话"\n')
    assert messages.main("check") == 1
    said = capsys.readouterr().out
    assert "no Chinese text: 'Credentials cannot be decrypted" in said
    assert "marked as fuzzy: 'The clocks agree.'" in said
    assert "said nowhere any more: 'Old words'" in said


@pytest.mark.parametrize(("entry", "said"), [(MISSING, "no Chinese text: 'Cut'"), (FUZZY, "fuzzy: 'Cut'")])
def test_words_of_wagtails_are_held_to_the_same(entry, said, monkeypatch, tmp_path, capsys):
    words = tmp_path / "django.po"
    words.write_text(HEAD + entry)
    monkeypatch.setattr(messages, "WAGTAILS", words)
    assert messages.main("check") == 1
    assert said in capsys.readouterr().out


def test_an_update_adds_what_the_code_says_and_drops_what_it_does_not(ours):
    before = ours.read_text()
    entry = 'msgid "The clocks agree."\nmsgstr "时钟一致。"\n\n'
    assert entry in before
    ours.write_text(before.replace(entry, "") + '\nmsgid "Old words"\nmsgstr "旧话"\n')
    messages.update(ours, "--ignore-obsolete")
    assert ours.read_text() == before.replace(entry, entry.replace("时钟一致。", ""))


def test_the_desk_says_wagtails_words_in_our_chinese():
    with messages.WAGTAILS.open("rb") as file:
        words = [message for message in read_po(file, locale="zh_Hans") if message.id]
    with translation.override("zh-hans"):
        for word in words:
            if isinstance(word.id, tuple):
                assert translation.ngettext(*word.id, 2) == word.string[0]
            else:
                assert translation.gettext(word.id) == word.string


def test_where_nobody_may_compile_it_is_said_how(monkeypatch, capsys):
    monkeypatch.setattr(messages, "OURS", Path("/proc/none/django.po"))
    with pytest.raises(SystemExit):
        messages.compile_missing()
    [sentence] = capsys.readouterr().err.splitlines()
    assert "config.messages compile" in sentence and "/proc/none" in sentence
