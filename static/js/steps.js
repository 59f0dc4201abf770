/* The steps of a sequence: only the fields a kind needs, places by buttons or by hand, new steps at the end.
   Without this script all fields are there and the place is a number. */
(function () {
  "use strict";
  var box = document.querySelector("[data-steps]");
  if (!box) return;
  var prefix = box.dataset.steps, list = box.querySelector("ol.steps");
  var total = document.getElementById("id_" + prefix + "-TOTAL_FORMS");
  var ofKind = JSON.parse(document.getElementById("steps-of-kind").textContent);
  var ofQuestion = JSON.parse(document.getElementById("steps-of-question").textContent);

  function steps() { return Array.from(list.querySelectorAll("[data-step]")); }
  function part(step, name) { return step.querySelector('[name$="-' + name + '"]'); }
  function showOnlyWhatCounts(step) {
    var kind = part(step, "kind"), asks = part(step, "looks_at");
    if (!kind) return;
    var used = ofKind[kind.value] || [];
    if (used.indexOf("looks_at") >= 0) {
      var about = ofQuestion[asks.value] || [];
      used = used.filter(function (name) { return ofQuestion["*"].indexOf(name) < 0 || about.indexOf(name) >= 0; });
    }
    step.querySelectorAll("[data-field]").forEach(function (field) {
      var name = field.dataset.field;
      field.hidden = name === "order" || (name !== "kind" && used.indexOf(name) < 0);
    });
  }
  function number() {
    steps().forEach(function (step, index) {
      var order = part(step, "order"), place = step.querySelector("[data-place]");
      if (order) order.value = index + 1;
      place.textContent = index + 1;
    });
  }
  function isNew(step) { return !part(step, "id").value; }
  /* New steps are counted without gaps: the form is read by their numbers. */
  function renameNew() {
    var first = Number(document.getElementById("id_" + prefix + "-INITIAL_FORMS").value);
    var fresh = steps().filter(isNew), old = new RegExp(prefix + "-\\d+-");
    fresh.forEach(function (step, index) {
      step.querySelectorAll("[name], [id], [for], [aria-describedby]").forEach(function (node) {
        ["name", "id", "for", "aria-describedby"].forEach(function (name) {
          if (node.hasAttribute(name)) node.setAttribute(name, node.getAttribute(name).replace(old, prefix + "-" + (first + index) + "-"));
        });
      });
    });
    total.value = first + fresh.length;
  }
  function changed(step) { step.querySelector("[data-changed]").hidden = false; }
  function move(step, by) {
    var other = by < 0 ? step.previousElementSibling : step.nextElementSibling;
    if (!other) return;
    if (by < 0) list.insertBefore(step, other); else list.insertBefore(other, step);
    number(); changed(step); changed(other);
  }
  function drawn(step) {
    step.draggable = false;
    step.querySelector("summary").addEventListener("pointerdown", function () { step.draggable = true; });
    step.addEventListener("dragstart", function (event) {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      step.classList.add("step-held");
    });
    step.addEventListener("dragend", function () { step.classList.remove("step-held"); step.draggable = false; number(); changed(step); });
  }
  function ready(step) {
    step.querySelectorAll("[data-tools], [data-forget]").forEach(function (tools) { tools.hidden = false; });
    step.addEventListener("change", function () { showOnlyWhatCounts(step); changed(step); });
    showOnlyWhatCounts(step);
    drawn(step);
  }
  list.addEventListener("dragover", function (event) {
    var held = list.querySelector(".step-held"), over = event.target.closest("[data-step]");
    if (!held || !over || over === held) return;
    event.preventDefault();
    var box = over.getBoundingClientRect();
    list.insertBefore(held, event.clientY < box.top + box.height / 2 ? over : over.nextElementSibling);
  });
  list.addEventListener("click", function (event) {
    var button = event.target.closest("button"), step = event.target.closest("[data-step]");
    if (!button || !step) return;
    if (button.dataset.move) { move(step, Number(button.dataset.move)); button.focus(); return; }
    if (button.closest("[data-forget]")) { step.remove(); renameNew(); number(); }
  });
  var add = box.querySelector("[data-add]");
  if (add) {
    steps().forEach(function (step) { /* the empty one for those without a script */
      if (isNew(step) && !step.classList.contains("step-wrong")) step.remove();
    });
    renameNew();
    add.hidden = false;
    add.addEventListener("click", function () {
      var html = box.querySelector("[data-empty]").innerHTML.replace(/__prefix__/g, total.value);
      list.insertAdjacentHTML("beforeend", html);
      total.value = Number(total.value) + 1;
      var step = list.lastElementChild;
      ready(step); number(); changed(step);
      part(step, "kind").focus();
    });
  }
  steps().forEach(ready);
  number();
})();
