// The table's menu in Chinese: Handsontable carries English only.
if (window.Handsontable) {
  const { dictionaryKeys: key, registerLanguageDictionary } = window.Handsontable.languages;
  registerLanguageDictionary("zh-hans", {
    languageCode: "zh-hans",
    [key.CONTEXTMENU_ITEMS_ROW_ABOVE]: "在上方插入一行",
    [key.CONTEXTMENU_ITEMS_ROW_BELOW]: "在下方插入一行",
    [key.CONTEXTMENU_ITEMS_INSERT_LEFT]: "在左侧插入一列",
    [key.CONTEXTMENU_ITEMS_INSERT_RIGHT]: "在右侧插入一列",
    [key.CONTEXTMENU_ITEMS_REMOVE_ROW]: ["删除这一行", "删除这几行"],
    [key.CONTEXTMENU_ITEMS_REMOVE_COLUMN]: ["删除这一列", "删除这几列"],
    [key.CONTEXTMENU_ITEMS_UNDO]: "撤销",
    [key.CONTEXTMENU_ITEMS_REDO]: "重做",
    [key.CONTEXTMENU_ITEMS_MERGE_CELLS]: "合并单元格",
    [key.CONTEXTMENU_ITEMS_UNMERGE_CELLS]: "拆分单元格",
    [key.CONTEXTMENU_ITEMS_ALIGNMENT]: "对齐",
    [key.CONTEXTMENU_ITEMS_ALIGNMENT_LEFT]: "左对齐",
    [key.CONTEXTMENU_ITEMS_ALIGNMENT_CENTER]: "居中",
    [key.CONTEXTMENU_ITEMS_ALIGNMENT_RIGHT]: "右对齐",
    [key.CONTEXTMENU_ITEMS_ALIGNMENT_JUSTIFY]: "两端对齐",
    [key.CONTEXTMENU_ITEMS_ALIGNMENT_TOP]: "靠上",
    [key.CONTEXTMENU_ITEMS_ALIGNMENT_MIDDLE]: "垂直居中",
    [key.CONTEXTMENU_ITEMS_ALIGNMENT_BOTTOM]: "靠下",
    [key.CONTEXTMENU_ITEMS_NO_ITEMS]: "没有可用的操作",
  });
}

// Live counters of the variants: each field against its channel's limit. An empty field shows the article's
// own value and counts it. The limits and the sentences come from the server (cms/checks/limits.py).
(() => {
  // A variant's field, and the article's field that stands in for it.
  const FIELDS = { title: "title", digest: "digest", author: "byline" };

  const REST_MS = 400; // after a key, before what fits is asked for

  const length = (text, [ascii, wide, beyond]) => {
    const sum = [...text].reduce((total, character) => {
      const code = character.codePointAt(0);
      return total + (code < 0x80 ? ascii : code > 0xffff ? beyond : wide);
    }, 0);
    return Math.ceil(sum);
  };

  const put = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  class Variants extends window.StimulusModule.Controller {
    static values = { limits: Object, messages: Object, shorter: String };

    connect() {
      this.asking = new Map();
      this.refresh = this.refresh.bind(this);
      this.form = this.element.closest("form");
      this.form.addEventListener("input", this.refresh);
      this.form.addEventListener("change", this.refresh);
      // What the server says of the text as it is saved (fitting.js).
      this.hear = ({ detail }) => {
        this.told = detail;
        this.refresh();
      };
      this.form.addEventListener("hub-fitting:told", this.hear);
      // A variant that was added or deleted.
      this.observer = new MutationObserver(this.refresh);
      this.observer.observe(this.element.querySelector("[id$='-FORMS']"), { childList: true });
      this.refresh();
    }

    disconnect() {
      this.observer.disconnect();
      this.form.removeEventListener("input", this.refresh);
      this.form.removeEventListener("change", this.refresh);
      this.form.removeEventListener("hub-fitting:told", this.hear);
    }

    refresh() {
      this.element.querySelectorAll("[data-inline-panel-child]").forEach((child) => {
        const slug = child.querySelector("[name$='-channel']").value;
        const channel = this.limitsValue[slug];
        if (!channel) return;
        Object.entries(FIELDS).forEach(([name, own]) => {
          const field = child.querySelector(`[name$='-${name}']`);
          const inherited = this.form.elements[own]?.value.trim() ?? "";
          field.placeholder = inherited;
          const text = field.value.trim() || inherited;
          this.show(field, this.sentence(name, text, channel));
          if (name !== "author") this.refreshOffers(field, slug, name, text);
        });
        this.showLength(child, this.told?.lengths[slug]);
      });
    }

    // Returns [sentence, "over" for a problem, "advised" for a warning, "" for neither].
    sentence(name, text, channel) {
      const messages = this.messagesValue;
      const count = length(text, channel.weights);
      const limit = channel[name];
      const values = { count, limit, channel: channel.name };
      if (limit !== null && count > limit) return [put(messages[name], { ...values, over: count - limit }), "over"];
      if (name === "title" && count && count < channel.titleMin) {
        return [
          put(messages.titleMin, { ...values, limit: channel.titleMin, under: channel.titleMin - count }),
          "over",
        ];
      }
      if (name === "title" && channel.titleAdvised !== null && count > channel.titleAdvised) {
        return [put(messages.titleAdvised, { ...values, limit: channel.titleAdvised }), "advised"];
      }
      return [put(limit === null ? messages.counterWithoutLimit : messages.counter, values), ""];
    }

    // A title that is too long, a digest that is too long or not there yet: ask for what would fit.
    refreshOffers(field, slug, name, text) {
      const channel = this.limitsValue[slug];
      const limit = channel[name];
      const isWanted = limit !== null && (text ? length(text, channel.weights) > limit : name === "digest");
      const texts = isWanted ? [text, ...(name === "digest" ? (this.told?.paragraphs ?? []) : [])].filter(Boolean) : [];
      const wanted = texts.length ? JSON.stringify([slug, texts]) : "";
      if (field.dataset.hubOffers === wanted) return;
      field.dataset.hubOffers = wanted;
      clearTimeout(this.asking.get(field));
      this.offer(field, []);
      if (wanted)
        this.asking.set(
          field,
          setTimeout(() => this.ask(field, slug, name, texts, wanted), REST_MS),
        );
    }

    async ask(field, slug, name, texts, wanted) {
      const body = new FormData();
      body.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
      body.set("channel", slug);
      body.set("field", name);
      for (const text of texts) body.append("text", text);
      try {
        const answer = await fetch(this.shorterValue, { method: "POST", body });
        const { texts: offered } = answer.ok ? await answer.json() : { texts: [] };
        if (field.dataset.hubOffers === wanted) this.offer(field, offered);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // the line is cut: nothing is offered
      }
    }

    // Whole parts of what she wrote that fit; one tap takes one, and nothing changes without it.
    offer(field, texts) {
      const id = `${field.id}-offers`;
      document.getElementById(id)?.remove();
      if (!texts.length) return;
      const offers = document.createElement("div");
      offers.id = id;
      offers.className = "hub-offers";
      offers.append(this.messagesValue.offers);
      texts.forEach((text) => {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", className: "button button-small button-secondary", textContent: text });
        button.addEventListener("click", () => {
          field.value = text;
          field.dispatchEvent(new Event("input", { bubbles: true }));
          field.dispatchEvent(new Event("change", { bubbles: true }));
          field.focus();
        });
        offers.append(button);
      });
      document.getElementById(`${field.id}-counter`).after(offers);
    }

    // The length of the article as it is sent, markup included where the channel counts it.
    showLength(child, length) {
      const field = child.querySelector("[name$='-channel']");
      const values = length && { count: length.length, limit: length.limit };
      this.show(field, [values ? put(this.messagesValue.length, values) : "", length?.over ? "over" : ""]);
    }

    show(field, [sentence, state]) {
      const id = `${field.id}-counter`;
      let counter = document.getElementById(id);
      if (!counter) {
        counter = document.createElement("div");
        counter.id = id;
        field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
        field.after(counter);
      }
      counter.textContent = sentence;
      counter.className = state ? `hub-counter hub-counter--${state}` : "hub-counter";
      field.toggleAttribute("aria-invalid", state === "over");
    }
  }

  window.wagtail.app.register("hub-variants", Variants);
})();
