// The types that openapi-typescript generates narrow a snapshot by its state, and a metric by its type or fields.
import type { components } from './api.js';

type Snapshot = components['schemas']['Snapshot'];
type Metric = components['schemas']['Metric'];

export function message(s: Snapshot): string | undefined {
  return s.state === 'closed' ? s.message : undefined;
}

export function secondsAt(m: Metric, now: number): number | undefined {
  if ('rate' in m) {
    return m.value + (m.rate * (now - Date.parse(m.as_of))) / 1000;
  }
  if (m.type === 'duration' && 'range' in m) {
    return m.range.max;
  }
  return m.type === 'duration' ? (m.value ?? undefined) : undefined;
}

// @ts-expect-error: an open widget has no message
export const none = (s: Snapshot): string => (s.state === 'open' ? s.message : '');
