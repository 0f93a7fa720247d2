// The pages' own words: Indonesian first, English one key (E) away. The API's words come from
// the API in the same language; where it gives a code alone, the label stands here as in server/text (a test says so).
const WORDS = {
  title: ["Kolaborasi {city}", "{city} Collaboration"],
  sub: ["Rencana kerja, target dan tugas yang dikerjakan bersama", "Work plans, targets and tasks, worked on together"],
  skip: ["Lompat ke isi", "Skip to content"],
  other: ["English", "Bahasa Indonesia"],
  otherHint: ["Tekan E untuk mengganti bahasa", "Press E to change the language"],
  api: ["Halaman API", "API page"],
  home: ["Beranda", "Home"],
  demoTitle: ["Peragaan dengan data contoh.", "A demonstration with made-up data."],
  demoHint: ["Kata sandi semua akun: demo. Pilih satu untuk masuk:", "Every account's password: demo. Choose one to sign in:"],
  signIn: ["Masuk", "Sign in"],
  signOut: ["Keluar", "Sign out"],
  login: ["Nama pengguna", "Login"],
  password: ["Kata sandi", "Password"],
  newPassword: ["Kata sandi baru", "New password"],
  repeat: ["Ulangi kata sandi baru", "Repeat the new password"],
  setPassword: ["Simpan kata sandi", "Save password"],
  passwordTitle: ["Buat kata sandi", "Set a password"],
  passwordHint: ["Sedikitnya 12 karakter. Tautan ini hanya dapat dipakai sekali.", "At least 12 characters. This link works only once."],
  passwordDiffers: ["Kedua kata sandi tidak sama.", "The two passwords differ."],
  passwordDone: ["Kata sandi tersimpan. Masuk sebagai", "Password saved. Sign in as"],
  signInHint: ["Rencana dan pekerjaan terlihat oleh siapa pun yang masuk: bukan saling pantau, tapi saling dukung.",
    "Plans and work are seen by everyone who signs in: not watching one another but supporting one another."],
  youAre: ["Anda masuk sebagai", "You are signed in as"],
  kecamatan: ["Kecamatan", "District"],
  kecamatanTitle: ["Rencana kerja kecamatan", "The districts' work plans"],
  head: ["Camat", "Head"],
  plan: ["Rencana kerja", "Work plan"],
  achievement: ["Rata-rata capaian sampai kini", "Average achievement to date"],
  targets: ["Target", "Targets"],
  done: ["Tugas selesai", "Tasks done"],
  overdue: ["Terlambat", "Overdue"],
  noPlan: ["belum ada", "none yet"],
  plansApproved: ["rencana kerja disetujui", "work plans approved"],
  tasksOverdue: ["tugas terlambat", "tasks overdue"],
  tasksDone: ["tugas selesai", "tasks done"],
  daysLeft: ["hari tersisa masa jabatan", "days left of the term"],
  loading: ["Memuat…", "Loading…"],
  unreachable: ["Server tidak dapat dihubungi.", "The server cannot be reached."],
  run: ["Jalankan", "Run"],
  runHint: ["Ctrl+Enter", "Ctrl+Enter"],
  query: ["Kueri", "Query"],
  variables: ["Variabel (JSON)", "Variables (JSON)"],
  result: ["Hasil", "Result"],
  examples: ["Contoh", "Examples"],
  reference: ["Isi skema", "What the schema holds"],
  referenceHint: ["Masuk untuk melihat isi skema dan menjalankan kueri.", "Sign in to see the schema and to run queries."],
  badVariables: ["Variabel bukan JSON yang sah.", "The variables are not valid JSON."],
  "WorkPlanStatus.DRAFT": ["Rancangan", "Draft"],
  "WorkPlanStatus.SUBMITTED": ["Diajukan", "Submitted"],
  "WorkPlanStatus.RETURNED": ["Dikembalikan", "Returned"],
  "WorkPlanStatus.APPROVED": ["Disetujui", "Approved"],
  "WorkPlanStatus.CLOSED": ["Ditutup", "Closed"],
  noscript: ["Halaman ini memerlukan JavaScript.", "This page needs JavaScript."],
};

const asked = new URLSearchParams(location.search).get("lang");
function kept() { try { return localStorage.getItem("lang"); } catch { return null; } }
// The board is an Indonesian office's, whatever its browsers are set to; the page for developers follows the browser.
function browsers() {
  if (document.documentElement.dataset.language !== "browser") return "id";
  return navigator.languages.map((each) => each.slice(0, 2)).find((each) => ["en", "id", "ms"].includes(each)) ?? "id";
}
export let language = (asked ?? kept() ?? browsers()) === "en" ? "en" : "id";
const listeners = [];

const city = document.documentElement.dataset.city ?? ""; // as the server wrote it into the page
export const word = (name) => WORDS[name]?.[language === "en" ? 1 : 0].replace("{city}", city).trim() ?? name;
export const number = (value, digits = 0) =>
  new Intl.NumberFormat(language === "en" ? "en-GB" : "id-ID", { maximumFractionDigits: digits }).format(value);
export const whenLanguageChanges = (listener) => listeners.push(listener);

function show() {
  document.documentElement.lang = language;
  for (const each of document.querySelectorAll("[data-word]")) each.textContent = word(each.dataset.word);
  const toggle = document.getElementById("language");
  if (toggle) { toggle.textContent = word("other"); toggle.title = word("otherHint"); toggle.lang = language === "en" ? "id" : "en"; }
  document.title = document.querySelector("h1")?.textContent ?? word("title");
}

export function changeLanguage() {
  language = language === "en" ? "id" : "en";
  try { localStorage.setItem("lang", language); } catch { /* private mode: only for this page */ }
  show();
  for (const listener of listeners) listener();
}

document.getElementById("language")?.addEventListener("click", changeLanguage);
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select");
  if (event.key.toLowerCase() === "e" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) changeLanguage();
});
show();
