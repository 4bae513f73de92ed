// The demo's sign-in page: one click signs in as one of its people.
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sign-in]");
    if (!button) return;
    const form = document.getElementById("login-form");
    form.elements.username.value = button.dataset.signIn;
    form.elements.password.value = button.dataset.password;
    form.requestSubmit();
  });
})();
