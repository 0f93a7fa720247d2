// The form that signs in, the button that signs out and the demonstration's accounts, on every page that has them.
import { signIn, signOut } from "/static/client.js";
import { drawDemoLogins } from "/static/demo.js";

const $ = (id) => document.getElementById(id);

// `entered` draws the page once somebody is signed in, `left` when nobody is.
export function drawSession(entered, left) {
  async function enter(login, password) {
    $("sign-in-error").textContent = "";
    try {
      await signIn(login, password);
      $("password").value = "";
      await entered();
    } catch (problem) {
      left();
      $("sign-in-error").textContent = problem.message;
      $("password").focus();
    }
  }
  $("sign-in").addEventListener("submit", (event) => {
    event.preventDefault();
    enter($("login").value, $("password").value);
  });
  $("sign-out").addEventListener("click", async () => {
    try { await signOut(); } catch { /* it had ended already */ }
    left();
    $("login").focus();
  });
  drawDemoLogins((login) => enter(login, "demo"));
}
