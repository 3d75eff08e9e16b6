// Singing together: whether portraits join, who sings when, where they stand.
import { say, t } from './i18n.js';

const $ = (id) => document.getElementById(id);

export class Together {
  /** @param {{chorus: (on: boolean) => void, changed: (part: 'together'|'picture', values: object) => void}} hooks */
  constructor(hooks) {
    $('chorus').addEventListener('change', () => hooks.chorus($('chorus').checked));
    $('arrangement').addEventListener('change', () => hooks.changed('together', { arrangement: $('arrangement').value }));
    $('differ').addEventListener('change', () => hooks.changed('together', { alike: !$('differ').checked }));
    $('layout').addEventListener('change', () => hooks.changed('picture', { layout: $('layout').value }));
  }

  /** @param {object} show @param {{singers?: object[]}|null} info of the clip on stage */
  show({ cast, chorus, together, picture }, info) {
    $('chorus').checked = chorus;
    $('together').hidden = cast.length < 2;
    $('arrangement').value = together.arrangement;
    // Without a second voice in the score everybody would sing the same.
    const parts = (info?.singers?.length ?? 0) > 1;
    const option = $('arrangement').querySelector('[value=parts]');
    option.disabled = !parts;
    say(option, () => t(parts ? 'together.parts' : 'together.noParts'));
    $('differ').checked = !together.alike;
    $('layout').value = picture.layout;
    $('layout').querySelector('[value=group]').disabled = new Set(cast.map(({ photo }) => photo)).size !== 1;
  }
}
