package handlers

import (
	"encoding/json"

	"waitboard/locale"
)

// browserPhrases are those that the script in the page says by itself. All others are in the snapshots' texts.
var browserPhrases = []string{
	"yes", "no", "not_available", "not_up_to_date", "hour", "minute", "second", "duration_list", "duration_range", "under", "over",
	"count_range", "fewer_than", "or_more", "level_low", "level_moderate", "level_high", "nothing_known", "wait_not_available",
	"updated", "pause_updates", "resume_updates",
}

// phrasesOf are the phrases for browsers of a language, as JSON.
func phrasesOf(l *locale.Locale) []byte {
	said, phrases := l.Phrases(), map[string]any{"locale": l.Numbers()}
	for _, key := range browserPhrases {
		phrases[key] = said[key]
	}
	if l.RightToLeft() {
		phrases["dir"] = "rtl"
	}
	raw, err := json.Marshal(phrases)
	if err != nil {
		panic(err) // texts can always be marshaled
	}
	return raw
}

// phrasesFor picks the language of the phrases that are asked for by ?phrases=, a language tag. Where it is not supported
// those of the first widget are of most use, and English ones if there is none.
func (p *public) phrasesFor(query map[string][]string, own *locale.Locale) (language string) {
	tags, wanted := query["phrases"]
	if !wanted {
		return ""
	}
	fallback := "en"
	if own != nil {
		fallback = own.Language()
	}
	return locale.Match(tags[0], fallback)
}
