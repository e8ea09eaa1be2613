// Live counters of the variants: each field against its channel's limit. An empty field shows the article's
// own value and counts it. The limits and the sentences come from the server (cms/limits.py).
(() => {
  // A variant's field, and the article's field that stands in for it.
  const FIELDS = { title: "title", digest: "digest", author: "byline" };

  const length = (text, [ascii, wide, beyond]) => {
    const sum = [...text].reduce((total, character) => {
      const code = character.codePointAt(0);
      return total + (code < 0x80 ? ascii : code > 0xffff ? beyond : wide);
    }, 0);
    return Math.ceil(sum);
  };

  const put = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  class Variants extends window.StimulusModule.Controller {
    static values = { limits: Object, messages: Object };

    connect() {
      this.refresh = this.refresh.bind(this);
      this.form = this.element.closest("form");
      this.form.addEventListener("input", this.refresh);
      this.form.addEventListener("change", this.refresh);
      // A variant that was added or deleted.
      this.observer = new MutationObserver(this.refresh);
      this.observer.observe(this.element.querySelector("[id$='-FORMS']"), { childList: true });
      this.refresh();
    }

    disconnect() {
      this.observer.disconnect();
      this.form.removeEventListener("input", this.refresh);
      this.form.removeEventListener("change", this.refresh);
    }

    refresh() {
      this.element.querySelectorAll("[data-inline-panel-child]").forEach((child) => {
        const channel = this.limitsValue[child.querySelector("[name$='-channel']").value];
        if (!channel) return;
        Object.entries(FIELDS).forEach(([name, own]) => {
          const field = child.querySelector(`[name$='-${name}']`);
          const inherited = this.form.elements[own]?.value.trim() ?? "";
          field.placeholder = inherited;
          this.show(field, this.sentence(name, field.value.trim() || inherited, channel));
        });
      });
    }

    // Returns [sentence, whether it is a problem].
    sentence(name, text, channel) {
      const messages = this.messagesValue;
      const count = length(text, channel.weights);
      const limit = channel[name];
      const values = { count, limit, channel: channel.name };
      if (limit !== null && count > limit) return [put(messages[name], { ...values, over: count - limit }), true];
      if (name === "title" && count && count < channel.titleMin) {
        return [put(messages.titleMin, { ...values, limit: channel.titleMin, under: channel.titleMin - count }), true];
      }
      return [put(limit === null ? messages.counterWithoutLimit : messages.counter, values), false];
    }

    show(field, [sentence, isProblem]) {
      const id = `${field.id}-counter`;
      let counter = document.getElementById(id);
      if (!counter) {
        counter = document.createElement("div");
        counter.id = id;
        field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
        field.after(counter);
      }
      counter.textContent = sentence;
      counter.className = isProblem ? "hub-counter hub-counter--over" : "hub-counter";
      field.toggleAttribute("aria-invalid", isProblem);
    }
  }

  window.wagtail.app.register("hub-variants", Variants);
})();
