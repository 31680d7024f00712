/** Where the stylesheet is served. */
export const stylePath = '/oidc/assets/style.css';

/** The stylesheet of all pages: light and dark, from small phones up, without anything loaded from elsewhere. */
export const style = `:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #ffffff; --text: #16191d; --quiet: #545b64; --line: #8a929c; --soft: #d9dde2;
  --action: #0b5cad; --action-text: #ffffff; --action-over: #084785; --focus: #0b5cad;
  --bad: #a3171f; --bad-ground: #fdecec; --code: #eef1f4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101316; --card: #191d22; --text: #eef1f4; --quiet: #a9b2bc; --line: #77808a; --soft: #313840;
    --action: #6cb3ff; --action-text: #06182b; --action-over: #97c9ff; --focus: #6cb3ff;
    --bad: #ff9c9c; --bad-ground: #3a1d1f; --code: #262c33;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; padding: 1.5rem 1rem; background: var(--ground); color: var(--text);
  display: flex; flex-direction: column; align-items: center; justify-content: center;
}
main {
  width: 100%; max-width: 26rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--soft); border-radius: .75rem;
}
header { display: flex; align-items: center; gap: .6rem; margin-bottom: 1.5rem; font-weight: 650; font-size: 1.1rem; }
header svg { width: 2rem; height: 2rem; color: var(--action); }
h1 { margin: 0 0 .5rem; font-size: 1.4rem; line-height: 1.25; font-weight: 650; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
ul { margin: 0 0 1.25rem; padding-left: 1.2rem; }
li { margin: .25rem 0; }
.quiet { color: var(--quiet); font-size: .925rem; }
.problem {
  padding: .7rem .9rem; border-radius: .5rem; background: var(--bad-ground); color: var(--bad); font-weight: 550;
}
label { display: block; margin: 0 0 .3rem; font-weight: 550; font-size: .95rem; }
input[type="text"], input[type="password"] {
  width: 100%; margin-bottom: 1rem; padding: .65rem .75rem; font: inherit; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: .5rem;
}
input.code { font: 600 1.4rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; letter-spacing: .12em; text-align: center; text-transform: uppercase; }
button, .button {
  display: block; width: 100%; margin: 0 0 .75rem; padding: .7rem 1rem; font: inherit; font-weight: 600; text-align: center;
  text-decoration: none; cursor: pointer; color: var(--action-text); background: var(--action);
  border: 1px solid var(--action); border-radius: .5rem;
}
button:hover, .button:hover { background: var(--action-over); border-color: var(--action-over); }
button.second, .button.second { color: var(--text); background: transparent; border-color: var(--line); }
button.second:hover, .button.second:hover { background: var(--code); border-color: var(--text); }
button.link {
  display: inline; width: auto; margin: 0; padding: 0; color: var(--action); background: none; border: 0;
  text-decoration: underline; font-weight: 400;
}
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.or { display: flex; align-items: center; gap: .75rem; margin: 1rem 0; color: var(--quiet); font-size: .9rem; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--soft); }
code, .userCode { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--code); border-radius: .35rem; }
code { padding: .1rem .35rem; overflow-wrap: anywhere; }
.userCode { display: block; margin: 0 0 1.25rem; padding: .6rem; font-size: 1.6rem; font-weight: 650; letter-spacing: .1em; text-align: center; }
form.inline { display: inline; }
`;
