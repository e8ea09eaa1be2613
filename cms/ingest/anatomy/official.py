"""Official documents (公文, GB/T 9704): head, body by clause, signature and date."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from cms.document.model import Block, Clause, Heading, Paragraph
from cms.ingest.anatomy.blocks import blocks_of, heading_of, paragraph_of, shift_of
from cms.ingest.anatomy.clauses import chapter_of, clause_of
from cms.ingest.anatomy.dates import dates_in
from cms.ingest.anatomy.head import Head, org_of_title, read_head
from cms.ingest.anatomy.tail import Signature, find_signature
from cms.ingest.draft import Draft, Line

ATTACHMENTS = re.compile(r"附\s*件\s*[:：]\s*\S")
ATTACHED = re.compile(r"附\s*件\s*[0-9０-９一二三四五六七八九十]{0,3}\s*[:：]?$")
EFFECTIVE = re.compile(r"(?:本[^，。；]{1,12}|现予(?:公布|发布)，)自\s*$")
IN_FORCE = re.compile(r"\s*起?(?:正式)?(?:施行|实施|执行|生效|试行)")
EXPIRES = re.compile(r"有效期(?:限)?(?:截)?至\s*$")


def read_official(items: Sequence[Line | Block]) -> Draft:
    """Return the document: facts in their fields, everything else in its own words and order."""
    head, rest = read_head(list(items))
    signature = find_signature(rest)
    draft = Draft(
        title=head.title,
        document_number=head.document_number,
        addressee=head.addressee,
        issuing_body=_issuing_body(head, signature),
        issued_on=signature.issued_on or head.issued_on,
        warnings=head.warnings,
    )
    body = [item for place, item in enumerate(rest) if place not in signature.places]
    _find_validity(draft, body)
    draft.blocks = list(blocks_of(body, _Body(shift_of(body)).block))
    if any(isinstance(item, Line) and ATTACHMENTS.match(item.text) for item in body):
        draft.warnings.append(_("The document names attachments. Add their files to the text."))
    return draft


def _issuing_body(head: Head, signature: Signature) -> str:
    return signature.issuing_body or head.issuing_body or org_of_title(head.title)


class _Body:
    """Decides line by line; the list of attachments has numbers that are no clauses."""

    def __init__(self, shift: int):
        self._shift = shift
        self._in_attachments = False

    def block(self, line: Line) -> Clause | Heading | Paragraph:
        if ATTACHED.match(line.text) and not line.number:
            self._in_attachments = False
            return Heading(level=2, text="".join(line.text.split()).rstrip("：:"))
        if ATTACHMENTS.match(line.text):
            self._in_attachments = True
            return paragraph_of(line)
        clause = clause_of(line)
        if self._in_attachments and (clause is None or clause.level == 3):
            return paragraph_of(line)
        self._in_attachments = False
        return clause or chapter_of(line) or self._words(line)

    def _words(self, line: Line) -> Heading | Paragraph:
        return paragraph_of(line) if line.heading is None else heading_of(line, self._shift)


def _find_validity(draft: Draft, body: Sequence[Line | Block]) -> None:
    """Fill the dates from which and until which the document is in force, where it says so of itself."""
    for item in body:
        text = item.text if isinstance(item, Line) else ""
        for day, start, end in dates_in(text):
            if EFFECTIVE.search(text[:start]) and IN_FORCE.match(text[end:]):
                draft.effective_on = day
            elif EXPIRES.search(text[:start]):
                draft.expires_on = day
