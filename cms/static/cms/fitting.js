// What the server says of the text as it is saved: notes, lengths of what is sent, titles and digests that fit.
(() => {
  const REST_MS = 400; // one answer for savings in quick succession

  class Fitting extends window.StimulusModule.Controller {
    static targets = ["notes"];
    static values = { address: String, page: Number };

    connect() {
      this.form = this.element.closest("form");
      this.soon = this.soon.bind(this);
      document.addEventListener("w-autosave:success", this.soon);
      this.soon();
    }

    disconnect() {
      document.removeEventListener("w-autosave:success", this.soon);
      clearTimeout(this.resting);
      this.asking?.abort();
    }

    soon() {
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.ask(), REST_MS);
    }

    // A page that was new has an address to be saved at since it was saved first.
    get page() {
      return this.pageValue || Number(this.form.action.match(/\/pages\/(\d+)\/edit\//)?.[1] ?? 0);
    }

    async ask() {
      if (!this.page) return;
      this.asking?.abort();
      this.asking = new AbortController();
      try {
        const answer = await fetch(this.addressValue.replace("/0/", `/${this.page}/`), { signal: this.asking.signal });
        if (!answer.ok || answer.redirected) return;
        const told = await answer.json();
        this.notesTarget.innerHTML = told.notes;
        this.form.dispatchEvent(new CustomEvent("hub-fitting:told", { detail: told }));
      } catch (error) {
        // The line is cut, or she leaves the page: what was said last stays until the next saving.
        if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
      }
    }
  }

  window.wagtail.app.register("hub-fitting", Fitting);
})();
