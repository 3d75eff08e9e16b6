// Who is on stage: shows made from a show by letting somebody join, leave, move. Nothing here touches the page.
import { CONTROLS } from './show.js';

export const MOST = 9; // portraits on stage

let last = 0; // number of the member that came last

/** Somebody new. @param {{photo: string, name: string, sample?: string, face?: number}} about @returns {import('./show.js').Member} */
export function newMember(about) {
  return { id: `m${++last}`, face: 0, corrections: [], controls: CONTROLS, mirrored: false, voice: '', part: null, ...about };
}

/** Members that came in a project keep their names: later ones get others. */
export function knowMembers({ cast }) {
  last = Math.max(last, ...cast.map(({ id }) => Number(id.slice(1)) || 0));
}

/** Whose settings are shown. */
export const chosenMember = ({ cast, chosen }) => cast.find(({ id }) => id === chosen) ?? cast[0];

/** The member joins a chorus, or takes the place of whoever is there. @param {boolean} several whether others will join */
export const joined = (show, member, several) => ({
  ...ungrouped(show),
  chosen: member.id,
  chorus: show.chorus || several,
  cast: [...(show.chorus ? show.cast : []), member],
});

export const without = (show, id) => ({ ...(show.cast.length <= 2 ? ungrouped(show) : show), cast: show.cast.filter((member) => member.id !== id) });

export function moved(show, id, by) {
  const at = show.cast.findIndex((member) => member.id === id);
  const cast = show.cast.filter((member) => member.id !== id);
  cast.splice(Math.max(0, at + by), 0, show.cast[at]);
  return { ...show, cast };
}

/** One alone again: whose settings are shown. */
export const alone = (show) => ({ ...ungrouped(show), chorus: false, cast: [chosenMember(show)].filter(Boolean) });

/** All faces of a member's photo sing where they are. @param {number} faces @param {(face: number) => string} named */
export function everybody(show, { id, ...member }, faces, named) {
  const cast = Array.from({ length: Math.min(MOST, faces) }, (_, face) => newMember({ ...member, face, corrections: [], name: named(face) }));
  return { ...show, chorus: true, cast, chosen: cast[0].id, picture: { ...show.picture, layout: 'group' } };
}

/** Nobody stands where they are in a photo any more. */
const ungrouped = (show) => (show.picture.layout === 'group' ? { ...show, picture: { ...show.picture, layout: 'grid' } } : show);
