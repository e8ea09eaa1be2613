// The rich-text field and the HTML source show one text; the form sends the source.
const editor = document.getElementById("editor");
const source = document.querySelector("textarea[name=html]");
editor.innerHTML = source.value;
editor.addEventListener("input", () => {
  source.value = editor.innerHTML;
});
source.addEventListener("input", () => {
  editor.innerHTML = source.value;
});
