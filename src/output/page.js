"use strict";
const changes = [...document.querySelectorAll("details.change")];
const texts = changes.map((change) => change.textContent.toLowerCase());
const field = (id) => document.getElementById(id);
function filter() {
  const words = field("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = ["class", "test", "model"].map((name) => [name, field(name).value]);
  let count = 0;
  changes.forEach((change, index) => {
    const fits = words.every((word) => texts[index].includes(word)) && wanted.every(([name, value]) => !value || change.dataset[name] === value);
    change.hidden = !fits;
    count += fits ? 1 : 0;
  });
  field("shown").textContent = `${count} of ${changes.length} shown`;
}
for (const id of ["search", "class", "test", "model"]) field(id).addEventListener("input", filter);
field("open").addEventListener("click", () => changes.filter((change) => !change.hidden).slice(0, 200).forEach((change) => { change.open = true; }));
field("shut").addEventListener("click", () => changes.forEach((change) => { change.open = false; }));
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== field("search")) {
    event.preventDefault();
    field("search").focus();
  }
});
filter();
