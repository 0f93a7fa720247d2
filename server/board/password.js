// Sets a password by a one-time link. The link stands behind the #, so it reaches no server's log.
import { word } from "/static/words.js";
import { post } from "/static/client.js";

const $ = (id) => document.getElementById(id);
const link = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

$("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  $("error").textContent = "";
  if ($("password").value !== $("repeat").value) {
    $("error").textContent = word("passwordDiffers");
    return;
  }
  try {
    const { login } = await post("/auth/password", { link, password: $("password").value });
    $("form").hidden = true;
    $("as").textContent = login;
    $("done").hidden = false;
  } catch (problem) {
    $("error").textContent = problem.message;
  }
});
