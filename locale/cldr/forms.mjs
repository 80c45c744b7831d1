// Prints what CLDR says about the clocks of each language and its regional forms, as ICU has it in Node. The input is a JSON array of
// names of time zones. Package locale embeds the output as forms.json; `go test ./locale -run TestFormsAreCLDR -cldr` writes it.
import { readFileSync } from 'node:fs';

const zoneNames = JSON.parse(readFileSync(0, 'utf8'));
const languages = ['en', 'es', 'fr', 'de', 'pt', 'it', 'nl', 'pl', 'ar', 'he', 'ja', 'zh'];
const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
const regions = letters.flatMap(a => letters.map(b => a + b)).filter(code => new Intl.Locale('und-' + code).region == code && names.of(code));

// Names depend on the offset only, and these two days have all offsets of a year.
const days = [new Date('2026-01-15T12:00:00Z'), new Date('2026-07-15T12:00:00Z')];
const morning = new Date('2026-11-23T08:05:00Z');
const evening = new Date('2026-11-23T20:05:00Z');

/** The tag by which ICU knows a form; simplified characters are meant wherever Chinese is. */
const icuTag = (language, region) => [language, language == 'zh' && 'Hans', region].filter(Boolean).join('-');

/** The space that ICU puts before AM and PM is a narrow one. Browsers show an ordinary one instead, as `format` does here but `formatToParts` does not. */
const plain = text => text.replace(/\u202f/g, ' ');

const format = (tag, options) => new Intl.DateTimeFormat(tag + '-u-nu-latn-ca-gregory', { timeZone: 'UTC', ...options });

/** A pattern such as "{hour}:{minute} {period}": each part of a date by the name given for it, all else as it is. */
function pattern(tag, options, date, rename) {
  return format(tag, options).formatToParts(date).map(({ type, value }) => (type == 'literal' ? plain(value) : `{${rename(type, value)}}`)).join('');
}

/** The clock of a form. Each hour of the day must be as the pattern says. */
function clock(tag) {
  const out = clockAt(tag);
  for (let hour = 0; hour < 24; hour++) {
    const shown = out.period ? hour % 12 || 12 : hour;
    const said = out.clock.replace('{h}', shown).replace('{hh}', String(shown).padStart(2, '0')).replace('{mm}', '05').replace('{period}', hour < 12 ? out.am : out.pm);
    const want = format(tag, { timeStyle: 'short' }).format(new Date(Date.UTC(2026, 10, 23, hour, 5)));
    if (said != want) throw Error(`${tag}: ${said} rather than ${want}`);
  }
  delete out.period;
  return out;
}

function clockAt(tag) {
  const parts = format(tag, { timeStyle: 'short' }).formatToParts(morning);
  const period = date => {
    const found = format(tag, { timeStyle: 'short' }).formatToParts(date).find(p => p.type == 'dayPeriod');
    return found && plain(found.value);
  };
  const padded = parts.find(p => p.type == 'hour').value.length == 2;
  return {
    clock: pattern(tag, { timeStyle: 'short' }, morning, type => (type == 'hour' ? (padded ? 'hh' : 'h') : type == 'minute' ? 'mm' : 'period')),
    period: period(morning) != null,
    am: period(morning),
    pm: period(evening),
  };
}

const part = (tag, options, date, type) => format(tag, options).formatToParts(date).find(p => p.type == type).value;

function dates(tag) {
  const month = i => new Date(Date.UTC(2026, i, 20));
  const weekday = i => new Date(Date.UTC(2026, 10, 22 + i)); // from a Sunday on
  const date = pattern(tag, { month: 'long', day: 'numeric' }, morning, type => type);
  return {
    date,
    date_year: pattern(tag, { dateStyle: 'long' }, morning, type => type).replace(date, '{date}'),
    months: [...Array(12).keys()].map(i => part(tag, { month: 'long', day: 'numeric' }, month(i), 'month')),
    weekdays: [...Array(7).keys()].map(i => part(tag, { weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' }, weekday(i), 'weekday')),
  };
}

/** The short name of a zone, without the invisible marks of direction that Hebrew has: the letters of GMT do what they are for. */
const zoneName = (formatter, date) => formatter.formatToParts(date).find(p => p.type == 'timeZoneName').value.replace(/\p{Bidi_Control}/gu, '');
const short = (tag, timeZone) => format(tag, { timeZone, timeZoneName: 'short' });

/** A zone's offset at a time, in minutes. */
function offset(timeZone, date) {
  const [, sign, hours, minutes] = /GMT(?:([+-])(\d+):(\d+))?/.exec(zoneName(format('en', { timeZone, timeZoneName: 'longOffset' }), date));
  return hours ? (sign == '-' ? -1 : 1) * (60 * hours + +minutes) : 0;
}

/** How a form writes offsets: {offset} stands for hours, or hours:minutes. */
function offsets(tag) {
  const of = timeZone => zoneName(short(tag, timeZone), days[0]);
  const out = { east: of('Etc/GMT-3').replace('3', '{offset}'), west: of('Etc/GMT+3').replace('3', '{offset}') };
  for (const [timeZone, name] of [['Asia/Kathmandu', out.east.replace('{offset}', '5:45')], ['Pacific/Marquesas', out.west.replace('{offset}', '9:30')]])
    if (of(timeZone) != name) throw Error(`${tag}: ${of(timeZone)} rather than ${name}`);
  return out;
}

// One formatter of names for each canonical zone of each form.
const canonical = new Map(zoneNames.map(name => [name, Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone]));
const zones = [...new Set(canonical.values())];
const zoneOffsets = new Map(zones.map(zone => [zone, days.map(day => offset(zone, day))]));

function zoneNamesOf(tag, { east, west }) {
  const out = {};
  for (const zone of zones) {
    const formatter = short(tag, zone);
    days.forEach((day, i) => {
      const name = zoneName(formatter, day);
      const minutes = zoneOffsets.get(zone)[i];
      const size = Math.abs(minutes);
      const plain = (minutes < 0 ? west : east).replace('{offset}', Math.floor(size / 60) + (size % 60 ? ':' + String(size % 60).padStart(2, '0') : ''));
      if (name != plain) (out[zone] ??= {})[minutes] = name;
    });
  }
  return out;
}

// What a regional form has in common with its language is in the catalogs; what all of it is the same, it is left out.
const forms = new Map(); // by what they say
for (const language of languages) {
  let base, own;
  for (const region of ['', '001', '150', '419', ...regions]) {
    const tag = icuTag(language, region);
    if (region && new Intl.DateTimeFormat(tag).resolvedOptions().locale != tag) continue; // ICU has no such form
    const said = dates(tag);
    base ??= said;
    const form = { ...clock(tag), ...offsets(tag) };
    for (const field in said) if (String(said[field]) != String(base[field])) form[field] = said[field];
    form.names = zoneNamesOf(tag, form);
    const id = language + JSON.stringify(form);
    if (!region) own = id;
    else if (id == own) continue;
    if (forms.has(id)) forms.get(id).tags.push(language + '-' + region);
    else forms.set(id, { tags: [language + (region && '-' + region)], ...form });
  }
}

// Zones that are called the same in every form stand together.
const groups = new Map();
for (const zone of zones) {
  const id = JSON.stringify([...forms.values()].map(form => form.names[zone]));
  if ([...forms.values()].some(form => form.names[zone])) groups.set(id, [...(groups.get(id) || []), zone]);
}
const groupOf = new Map([...groups.values()].flatMap((members, i) => members.map(zone => [zone, i])));
for (const form of forms.values()) {
  const byGroup = {};
  for (const [zone, given] of Object.entries(form.names)) byGroup[groupOf.get(zone)] = given;
  form.names = byGroup;
}
const members = [...groups.values()].map(group => zoneNames.filter(name => group.includes(canonical.get(name))).join(' '));

const firstDays = {};
for (const region of ['001', ...regions]) {
  const locale = new Intl.Locale('und-' + region);
  const first = (locale.getWeekInfo?.() ?? locale.weekInfo).firstDay % 7;
  if (first != 1) (firstDays[first] ??= []).push(region);
}
for (const first in firstDays) firstDays[first] = firstDays[first].join(' ');

const lines = [
  `"cldr": ${JSON.stringify(process.versions.cldr)}`,
  `"zones": [\n${members.map(m => '    ' + JSON.stringify(m)).join(',\n')}\n  ]`,
  `"forms": [\n${[...forms.values()].map(f => '    ' + JSON.stringify({ ...f, tags: f.tags.join(' ') })).join(',\n')}\n  ]`,
  `"first_days": ${JSON.stringify(firstDays)}`,
];
console.log(`{\n  ${lines.join(',\n  ')}\n}`);
