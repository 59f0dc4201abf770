/* Buttons that put a merge field, a button or a section where the cursor stands: in the body, the subject or the
   preview line, whichever was used last. Without this script the same words can be typed. */
(function () {
  "use strict";
  var inserts = document.querySelector("[data-inserts]");
  var body = document.getElementById("id_body");
  var format = document.getElementById("id_format");
  if (!inserts || !body) return;
  var last = body;
  ["id_subject", "id_preheader", "id_body"].forEach(function (id) {
    var field = document.getElementById(id);
    if (field) field.addEventListener("focus", function () { last = field; });
  });
  function fit() {
    Array.from(inserts.querySelectorAll("[data-for]")).forEach(function (row) {
      row.hidden = format !== null && row.dataset.for !== format.value;
    });
  }
  inserts.addEventListener("click", function (event) {
    var button = event.target.closest("[data-insert]");
    if (!button) return;
    var field = button.closest("[data-for]") ? body : last;
    var words = button.dataset.insert, from = field.selectionStart, to = field.selectionEnd;
    var chosen = field.value.slice(from, to);
    field.focus();
    field.setRangeText(chosen && words.includes("…") ? words.replace("…", chosen) : words, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  if (format) format.addEventListener("change", fit);
  fit();
})();
