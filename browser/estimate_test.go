package browser

import (
	"fmt"
	"testing"
	"time"
)

// In another language than the server's text, the element says what that says.
func TestValuesInAnotherLanguage(t *testing.T) {
	t.Parallel()
	s, b := usual(t), newTab(t, 800, 600)
	for _, test := range []struct{ name, metric, want string }{
		{"answered at once", `"type":"duration","value":0,"text":"Answered at once","basis":"live"`, "Anruf wird sofort angenommen"},
		{"too little data", `"type":"duration","value":null,"text":"Not enough data yet","basis":"insufficient"`, "Nicht verfügbar"},
		{"no wait", `"type":"duration","value":0,"text":"0 min"`, "0 Min."},
		{"a number", `"type":"count","value":1.5,"text":"1.5"`, "1,5"},
		{"none", `"type":"count","value":0,"text":"0"`, "0"},
		{"a text", `"type":"string","value":"Busy","text":"Busy"`, "Busy"},
		{"no text", `"type":"string","value":"","text":""`, ""},
		{"yes", `"type":"boolean","value":true,"text":"yes"`, "ja"},
		{"no", `"type":"boolean","value":false,"text":"no"`, "nein"},
		{"no value", `"type":"count","value":null,"text":"Not available"`, "Nicht verfügbar"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b.failing(t)
			s.breakBy(replayed(fmt.Appendf(nil, `{"widgets":[{"id":"support","title":"Customer support","locale":"en","state":"open","stale":false,"observed_at":%q,"refresh_after":10,"stale_after":45,"hide_after":300,
				"metrics":[{"id":"m","label":"Expected wait",%s}]}],
				"phrases":{"locale":"de","minute":"{count} Min.","yes":"ja","no":"nein","not_available":"Nicht verfügbar","live":"Anruf wird sofort angenommen","insufficient":"Nicht verfügbar"}}`,
				s.now().UTC().Format(time.RFC3339Nano), test.metric), nil))
			b.open(s.page("/", `<wait-time widget="support" locale="de"></wait-time>`+script))
			b.wait(fmt.Sprintf(`document.querySelector('wait-time').shadowRoot.querySelector('.value')?.textContent == %q`, test.want))
		})
	}
}
