// In demo mode every page says so and offers the demonstration's accounts, one for each kind of office.
const LOGINS = [
  "walikota", "sekda", "bappeda", "admin", "camat-medan-johor", "camat-medan-belawan", "kepala-dlh", "kepala-dinkes", "staf-dlh",
  "staf-medan-johor", "pengamat",
];

export function drawDemoLogins(choose) {
  if (!document.documentElement.dataset.demo) return;
  const list = document.getElementById("demo-logins");
  for (const login of LOGINS) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = login;
    button.addEventListener("click", () => choose(login));
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
  }
}
