// The JSON of the service, as package api has it.

export interface Snapshot {
  id: string;
  title: string;
  locale: string;
  state: 'open' | 'closed' | 'initializing' | 'unavailable';
  stale: boolean;
  observed_at?: string;
  refresh_after: number;
  stale_after: number;
  hide_after: number;
  opens_at?: string;
  message?: string;
  notice?: string;
  metrics: Metric[];
}

export interface Metric {
  id: string;
  label: string;
  type?: 'duration' | 'count' | 'boolean' | 'text';
  value?: number | boolean | string | null;
  range?: { min?: number; max?: number };
  rate?: number;
  as_of?: string;
  text: string;
  level?: 'low' | 'moderate' | 'high';
  link?: { label: string; url: string };
  stale?: boolean;
}

/** A phrase: one text, or one for each plural category. */
export type Phrase = string | { [category: string]: string };

/** The phrases of one language; "locale" names it, and a "warning" is for those who write the page. */
export interface Words {
  [key: string]: Phrase;
}

/** An answer to a request for several widgets. */
export interface Answer {
  widgets: Snapshot[];
  phrases?: Words;
}
