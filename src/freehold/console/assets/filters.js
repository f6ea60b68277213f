// A filter that is chosen takes effect at once, and empty ones stay out of the URL.
const form = document.getElementById("filters");

form.addEventListener("change", (event) => {
  if (event.target.matches("select")) form.requestSubmit();
});
form.addEventListener("submit", () => {
  for (const field of form.elements) field.disabled = field.name !== "" && field.value === "";
});
// Coming back by the back button, browsers show the fields as they were left: the URL says what is listed.
addEventListener("pageshow", () => {
  for (const field of form.elements) field.disabled = false;
  form.reset();
});
