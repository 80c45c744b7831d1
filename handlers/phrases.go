package handlers

import (
	"encoding/json"
	"strings"

	"waitboard/locale"
)

// browserPhrases are those that the script in the page says by itself. All others are in the snapshots' texts.
var browserPhrases = []string{
	"yes", "no", "not_available", "not_up_to_date", "hour", "minute", "second", "duration_list", "duration_range", "under", "over",
	"count_range", "fewer_than", "or_more", "level_low", "level_moderate", "level_high", "nothing_known", "wait_not_available",
	"updated", "updated_now", "pause_updates", "resume_updates",
}

// A phrasesKey is all that phrases depend on: what was asked for and the locale of the first widget. Companies have their own phrases for
// a whole language.
type phrasesKey struct{ asked, own string }

// maxPhrases is how many kinds of phrases are kept, of some two kilobytes each.
const maxPhrases = 512

// phrasesOf are the phrases for browsers of a language, as JSON. The warning is for those who write pages; empty: there is none.
func phrasesOf(l *locale.Locale, warning string) []byte {
	said, phrases := l.Phrases(), map[string]any{"locale": l.Numbers()}
	for _, key := range browserPhrases {
		phrases[key] = said[key]
	}
	if l.RightToLeft() {
		phrases["dir"] = "rtl"
	}
	if warning != "" {
		phrases["warning"] = warning
	}
	raw, err := json.Marshal(phrases)
	if err != nil {
		panic(err) // texts can always be marshaled
	}
	return raw
}

// phrasesFor are the phrases that are asked for by ?phrases=, a language tag as a page has it; nil: none are. own is the locale of the
// first widget, whose phrases are of most use where the tag names no language that is supported; nil: there is no widget.
func (p *public) phrasesFor(query map[string][]string, own *locale.Locale) []byte {
	tags, wanted := query["phrases"]
	if !wanted {
		return nil
	}
	if own == nil {
		own = p.locales("en")
	}
	asked := "" // unreadable
	if tag, ok := locale.Read(tags[0]); ok {
		asked = tag.String()
	} else if strings.Trim(tags[0], " *") == "" {
		asked = "und"
	}
	key := phrasesKey{asked, own.Tag()}
	if raw, ok := p.phrases.Get(key); ok {
		return raw
	}
	raw := phrasesOf(p.speaking(asked, own))
	p.phrases.Add(key, raw)
	return raw
}

// speaking is the locale for a tag, and a warning if it is not the one that was asked for. It is own wherever that writes numbers as the tag's
// region does: then the texts of the snapshot can be shown as they are.
func (p *public) speaking(asked string, own *locale.Locale) (l *locale.Locale, warning string) {
	chosen, exact := locale.Choose(asked)
	if l = own; chosen != "" {
		l = p.localeOf(chosen, own)
	}
	if l.CountsLike(own) {
		l = own
	}
	switch {
	case exact, asked == "und":
		return l, ""
	case asked == "":
		return l, "unknown language tag, showing " + l.Tag()
	}
	return l, `unsupported language "` + asked + `", showing ` + l.Tag()
}
