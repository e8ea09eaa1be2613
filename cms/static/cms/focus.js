// The focal point of a cover: dragged, tapped or moved by the arrow keys; every channel's cut follows at once.
// ``crop`` repeats cms/media/crops.py, which cuts what is sent.
(() => {
  const STEP = 20; // thousandths a key press

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  const crop = (width, height, [x, y], [shapeWidth, shapeHeight]) => {
    const own = width / height;
    const wanted = shapeWidth / shapeHeight;
    const across = Math.min(1, wanted / own);
    const down = Math.min(1, own / wanted);
    return {
      across,
      down,
      left: clamp(x / 1000 - across / 2, 0, 1 - across),
      top: clamp(y / 1000 - down / 2, 0, 1 - down),
    };
  };

  const percent = (part) => `${Math.round(part * 1e5) / 1e3}%`;
  const parsed = (text) => (/^\d{1,4},\d{1,4}$/.test(text.trim()) ? text.split(",").map(Number) : null);

  class Focus extends window.StimulusModule.Controller {
    static targets = ["empty", "work", "stage", "picture", "point", "said", "crops", "reset"];
    static values = { channels: Object, facts: String, said: String };

    connect() {
      this.known = {};
      this.input = this.element.querySelector("input");
      this.input.hidden = true; // it is for those without scripts
      this.form = this.element.closest("form");
      this.child = this.element.closest("[data-inline-panel-child]");
      this.refresh = this.refresh.bind(this);
      this.form.addEventListener("change", this.refresh);
      // Choosers set the value of their hidden field.
      this.observer = new MutationObserver(this.refresh);
      for (const cover of this.covers()) this.observer.observe(cover, { attributeFilter: ["value"] });
      this.pictureTarget.addEventListener("load", this.refresh);
      this.refresh();
    }

    disconnect() {
      this.observer.disconnect();
      this.form.removeEventListener("change", this.refresh);
    }

    // The variant's own cover, then the article's.
    covers() {
      const own = this.input.name.replace(/cover_focus$/, "cover");
      return [...new Set([own, "cover"])].map((name) => this.form.elements[name]).filter(Boolean);
    }

    async refresh() {
      const cover = this.covers().find((field) => field.value);
      this.emptyTarget.hidden = Boolean(cover);
      this.workTarget.hidden = !cover;
      if (!cover) return;
      this.facts = await this.factsOf(cover);
      if (this.pictureTarget.getAttribute("src") !== this.facts.url) {
        this.pictureTarget.src = this.facts.url;
        return; // its load refreshes
      }
      this.inherited = this.inheritedFrom(cover);
      this.draw();
    }

    // What the server said of the picture, else what it answers; a picture of elsewhere has its thumbnail only.
    async factsOf(cover) {
      const id = Number(cover.value);
      if (this.known[id]) return this.known[id];
      const told = [...this.form.querySelectorAll("[data-hub-cover]")]
        .map((panel) => panel.dataset.hubCover && JSON.parse(panel.dataset.hubCover))
        .find((facts) => facts && facts.id === id);
      this.known[id] = told || (await this.asked(id, cover));
      return this.known[id];
    }

    async asked(id, cover) {
      const response = await fetch(this.factsValue.replace("/0/", `/${id}/`));
      const isTold = response.ok && response.headers.get("Content-Type").includes("json");
      const thumbnail = document.querySelector(`#${CSS.escape(cover.id)}-chooser [data-chooser-image]`);
      return isTold ? response.json() : { id, url: thumbnail?.src ?? "", focus: [500, 500] };
    }

    // Where the point is when this field is empty.
    inheritedFrom(cover) {
      const own = this.input.name.replace(/cover_focus$/, "cover");
      const shared = this.form.elements.cover_focus;
      return (cover.name !== own && parsed(shared.value)) || this.facts.focus;
    }

    get focus() {
      return parsed(this.input.value) ?? this.inherited;
    }

    draw() {
      const [x, y] = this.focus;
      this.pointTarget.style.left = `${x / 10}%`;
      this.pointTarget.style.top = `${y / 10}%`;
      const values = { x: Math.round(x / 10), y: Math.round(y / 10) };
      this.saidTarget.textContent = this.saidValue.replace(/\{(\w)\}/g, (_, name) => values[name]);
      this.resetTarget.hidden = !this.input.value;
      this.cropsTarget.replaceChildren(...this.shapes().map((shape) => this.cut(shape)));
    }

    // One entry for each shape, with the names of the channels that show it.
    shapes() {
      const chosen = this.child?.querySelector("[name$='-channel']").value;
      const channels = Object.entries(this.channelsValue).filter(([slug]) => !this.child || slug === chosen);
      const found = new Map();
      for (const [, { name, covers }] of channels) {
        for (const [width, height] of covers) {
          const ratio = (width / height).toFixed(2);
          const entry = found.get(ratio) ?? { shape: [width, height], names: new Set() };
          entry.names.add(name);
          found.set(ratio, entry);
        }
      }
      return [...found].map(([ratio, entry]) => ({ ratio: Number(ratio), ...entry }));
    }

    cut({ shape, ratio, names }) {
      const { naturalWidth, naturalHeight, src } = this.pictureTarget;
      const box = crop(naturalWidth, naturalHeight, this.focus, shape);
      const item = document.createElement("li");
      const window = document.createElement("div");
      const picture = document.createElement("img");
      window.className = "hub-focus__window";
      window.style.aspectRatio = `${shape[0]} / ${shape[1]}`;
      Object.assign(picture, { src, alt: "", draggable: false });
      Object.assign(picture.style, {
        width: percent(1 / box.across),
        height: percent(1 / box.down),
        left: percent(-box.left / box.across),
        top: percent(-box.top / box.down),
      });
      window.append(picture);
      item.append(window, `${[...names].join("、")} ${ratio}∶1`);
      return item;
    }

    // --- moving it ---------------------------------------------------------------------------------------

    place(event) {
      if (event.target !== this.pointTarget) this.moveTo(event);
    }

    take(event) {
      this.pointTarget.setPointerCapture(event.pointerId);
      this.held = true;
    }

    drag(event) {
      if (this.held) this.moveTo(event);
    }

    drop() {
      if (!this.held) return;
      this.held = false;
      this.tell();
    }

    step(event) {
      const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
      const move = moves[event.key];
      if (!move) return;
      event.preventDefault();
      this.set(this.focus.map((at, axis) => at + move[axis]));
    }

    reset() {
      this.input.value = "";
      this.tell();
    }

    moveTo({ clientX, clientY }) {
      const { left, top, width, height } = this.stageTarget.getBoundingClientRect();
      this.set([(1000 * (clientX - left)) / width, (1000 * (clientY - top)) / height]);
    }

    set(point) {
      this.input.value = point.map((at) => clamp(Math.round(at), 0, 1000)).join(",");
      if (this.held) this.draw();
      else this.tell();
    }

    // Wagtail saves and previews upon these; the other editors may show this point, too.
    tell() {
      this.input.dispatchEvent(new Event("input", { bubbles: true }));
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  window.wagtail.app.register("hub-focus", Focus);
})();
