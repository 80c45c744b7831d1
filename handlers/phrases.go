package handlers

import (
	"encoding/json"
	"strings"

	"waitboard/locale"
)

// browserPhrases are the phrases that the script itself uses. All others are in the texts of snapshots.
var browserPhrases = []string{
	"yes", "no", "not_available", "not_up_to_date", "hour", "minute", "second", "duration_list", "duration_range", "under", "over",
	"count_range", "fewer_than", "or_more", "level_low", "level_moderate", "level_high", "nothing_known", "wait_not_available",
	"updated", "updated_now", "pause_updates", "resume_updates",
}

// A phrasesKey is what rendered phrases depend on: the requested tag, and the locale of the first widget.
type phrasesKey struct{ requested, own string }

// maxPhrases bounds the stored phrases, about 2 KB each.
const maxPhrases = 512

// phrasesOf renders the phrases of a locale as JSON. The warning, if any, is for developers of pages.
func phrasesOf(l *locale.Locale, warning string) []byte {
	texts, phrases := l.Phrases(), map[string]any{"locale": l.Numbers()}
	for _, key := range browserPhrases {
		phrases[key] = texts[key]
	}
	phrases["live"], phrases["insufficient"] = texts["answered_at_once"], texts["not_available"] // by the basis of an estimate without a range
	if l.RightToLeft() {
		phrases["dir"] = "rtl"
	}
	if warning != "" {
		phrases["warning"] = warning
	}
	raw, err := json.Marshal(phrases)
	if err != nil {
		panic(err) // impossible for texts
	}
	return raw
}

// phrasesFor returns the phrases for ?phrases=, a language tag in any notation that pages use, or nil without it. Own is
// the locale of the first widget, the default for unsupported languages. It is nil without widgets.
func (p *public) phrasesFor(query map[string][]string, own *locale.Locale) []byte {
	tags, present := query["phrases"]
	if !present {
		return nil
	}
	if own == nil {
		own = p.Languages("en")
	}
	requested := "" // malformed
	if tag, ok := locale.Read(tags[0]); ok {
		requested = tag.String()
	} else if strings.Trim(tags[0], " *") == "" {
		requested = "und"
	}
	key := phrasesKey{requested, own.Tag()}
	if raw, ok := p.phrases.Get(key); ok {
		return raw
	}
	raw := phrasesOf(p.localeFor(requested, own))
	p.phrases.Add(key, raw)
	return raw
}

// localeFor returns the locale for a tag, and a warning if it isn't the requested one. It returns own if both write
// numbers alike: then the script shows the snapshot's texts unchanged.
func (p *public) localeFor(requested string, own *locale.Locale) (l *locale.Locale, warning string) {
	chosen, exact := locale.Choose(requested)
	if l = own; chosen != "" {
		l = p.Languages.Locale(chosen, own)
	}
	if l.CountsLike(own) {
		l = own
	}
	switch {
	case exact, requested == "und":
		return l, ""
	case requested == "":
		return l, "unknown language tag, showing " + l.Tag()
	}
	return l, `unsupported language "` + requested + `", showing ` + l.Tag()
}
