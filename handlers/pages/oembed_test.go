package pages_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// oembedJSON is an answer as a consumer reads it.
type oembedJSON struct {
	Version, Type, Title, HTML string
	Width, Height              int
	ProviderURL                string `json:"provider_url"`
}

func oembed(t *testing.T, f *fixture, query string) (status int, answer oembedJSON) {
	t.Helper()
	resp := f.do("GET", "/oembed?"+query)
	body := text(t, resp)
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return resp.StatusCode, answer
}

func TestOEmbed(t *testing.T) {
	const ours = "https://wait.example.com/base"
	tests := []struct {
		address, more string
		status        int
		src           string // of the frame
		width, height int    // 0: not checked
	}{
		{ours + "/w/support", "", 200, ours + "/embed/support", 400, 176},
		{ours + "/embed/support", "&format=json", 200, ours + "/embed/support", 400, 176},
		{"http://wait.example.com/base/w/support", "", 200, ours + "/embed/support", 0, 0},
		{"HTTPS://WAIT.example.com:443/base/w/support", "", 200, ours + "/embed/support", 0, 0},
		{ours + "/w/support?layout=line&theme=dark&locale=DE-at&x=y#z", "", 200, ours + "/embed/support?layout=line&locale=de-AT&theme=dark", 0, 0},
		{ours + "/w/support?layout=%22&theme=x&locale=tlh", "", 200, ours + "/embed/support", 0, 0},
		{ours + "/w/secret", "", 200, ours + "/embed/secret", 0, 0}, // unlisted
		{ours + "/w/support", "&maxwidth=320&maxheight=100", 200, ours + "/embed/support", 320, 100},
		{ours + "/w/support", "&maxwidth=9999&maxheight=9999", 200, ours + "/embed/support", 400, 176},
		{ours + "/w/support", "&maxwidth=0&maxheight=-1", 200, ours + "/embed/support", 400, 176},
		{ours + "/w/support", "&maxwidth=x&maxheight=", 200, ours + "/embed/support", 400, 176},
		{ours + "/w/support/", "", 200, ours + "/embed/support", 0, 0},
		{ours + "/embed/Support)?theme=dark", "", 200, ours + "/embed/support?theme=dark", 0, 0},
		{ours + "/w/nosuch", "", 404, "", 0, 0},
		{ours + "/w/", "", 404, "", 0, 0},
		{ours + "/", "", 404, "", 0, 0},
		{ours + "/v1/widgets/support", "", 404, "", 0, 0},
		{"https://wait.example.com/w/support", "", 404, "", 0, 0},
		{"https://wait.example.com.evil.example/base/w/support", "", 404, "", 0, 0},
		{"https://evil.example/base/w/support", "", 404, "", 0, 0},
		{"https://wait.example.com:8443/base/w/support", "", 404, "", 0, 0},
		{"https://wait.example.com@evil.example/base/w/support", "", 404, "", 0, 0},
		{"https://user@wait.example.com/base/w/support", "", 404, "", 0, 0},
		{"//wait.example.com/base/w/support", "", 404, "", 0, 0},
		{"javascript://wait.example.com/base/w/support", "", 404, "", 0, 0},
		{"", "", 404, "", 0, 0},
		{ours + "/w/support", "&format=xml", 501, "", 0, 0},
	}
	f := newFixture(t)
	for _, test := range tests {
		t.Run(test.address+test.more, func(t *testing.T) {
			status, got := oembed(t, f, "url="+url.QueryEscape(test.address)+test.more)
			if status != test.status {
				t.Fatalf("status %d", status)
			}
			if status != 200 {
				return
			}
			if got.Version != "1.0" || got.Type != "rich" || got.Title != "<b>support</b>" && got.Title != "<b>secret</b>" || got.ProviderURL != ours+"/" {
				t.Errorf("%+v", got)
			}
			if test.width > 0 && (got.Width != test.width || got.Height != test.height) {
				t.Errorf("%d × %d", got.Width, got.Height)
			}
			frames := parse(t, got.HTML).all("iframe", "src", test.src, "width", fmt.Sprint(got.Width), "height", fmt.Sprint(got.Height), "title", got.Title)
			if len(frames) != 1 {
				t.Errorf("%s", got.HTML)
			}
			src, err := url.Parse(test.src)
			if err != nil {
				t.Fatal(err)
			}
			if resp := f.do("GET", strings.TrimPrefix(src.RequestURI(), "/base")); resp.StatusCode != 200 {
				t.Errorf("the frame has status %d", resp.StatusCode)
			}
		})
	}
	if resp := f.do("GET", "/oembed?url="+ours+"/w/partner", "Origin", "https://evil.example"); resp.StatusCode != 404 {
		t.Errorf("a script of another site gets %d for a widget it may not read", resp.StatusCode)
	}
	if resp := f.do("GET", "/oembed?url="+ours+"/w/partner", "Origin", "https://www.example.com"); resp.StatusCode != 200 || resp.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("a script of its site gets %d", resp.StatusCode)
	}
}

// wordpress filters the HTML of an oEmbed answer like WordPress 6 for an unknown provider (wp_filter_oembed_result). It
// removes all but three elements and a few attributes, and sandboxes the frame. A blockquote next to the frame would hide
// it. ok is false if nothing visible is left.
func wordpress(t *testing.T, answer oembedJSON) (frame string, ok bool) {
	t.Helper()
	if answer.Type != "rich" && answer.Type != "video" {
		t.Fatalf("type %s", answer.Type)
	}
	allowed := map[string][]string{
		"a": {"href"}, "blockquote": {}, "iframe": {"src", "width", "height", "frameborder", "marginwidth", "marginheight", "scrolling", "title"},
	}
	var filtered strings.Builder
	for z := html.NewTokenizer(strings.NewReader(answer.HTML)); z.Next() != html.ErrorToken; {
		token := z.Token()
		switch {
		case token.Type == html.TextToken:
			filtered.WriteString(html.EscapeString(token.Data))
		case allowed[token.Data] == nil:
		case token.Type == html.EndTagToken:
			filtered.WriteString("</" + token.Data + ">")
		default:
			filtered.WriteString("<" + token.Data)
			for _, a := range token.Attr {
				for _, name := range allowed[token.Data] {
					if a.Key == name {
						filtered.WriteString(" " + a.Key + `="` + html.EscapeString(a.Val) + `"`)
					}
				}
			}
			filtered.WriteString(">")
		}
	}
	parts := regexp.MustCompile(`(?ms)(<blockquote>.*?</blockquote>)?.*(<iframe.*?></iframe>)`).FindStringSubmatch(filtered.String())
	if parts == nil || parts[1] != "" {
		return "", false
	}
	frame = regexp.MustCompile(` src="(.*?)"`).ReplaceAllString(parts[2], ` src="$1#?secret=Ab3" data-secret="Ab3"`)
	return strings.Replace(frame, "<iframe", `<iframe class="wp-embedded-content" sandbox="allow-scripts" security="restricted"`, 1), true
}

// WordPress shows the frame in the right size, with the right page.
func TestOEmbedInWordPress(t *testing.T) {
	f := newFixture(t)
	for _, query := range []string{"", "&maxwidth=500&maxheight=750&dnt=1", "&maxwidth=300&maxheight=80"} {
		_, answer := oembed(t, f, "url=https://wait.example.com/base/w/support%3Ftheme=dark&format=json"+query)
		frame, ok := wordpress(t, answer)
		if !ok {
			t.Fatalf("nothing is left of %s", answer.HTML)
		}
		left := parse(t, frame).all("iframe", "src", "https://wait.example.com/base/embed/support?theme=dark#?secret=Ab3",
			"width", fmt.Sprint(answer.Width), "height", fmt.Sprint(answer.Height), "title", answer.Title, "sandbox", "allow-scripts")
		if len(left) != 1 || strings.Contains(frame, "style=") {
			t.Errorf("left: %s", frame)
		}
	}
}
