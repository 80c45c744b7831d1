package admin

import (
	"fmt"
	"strings"
	"testing"

	"waitboard/api/operator"
)

// Many problems of one kind share a card. Their remedy is stated once if all have the same.
func TestCards(t *testing.T) {
	hooks := func(n int, remedy func(i int) string) (all []operator.Problem) {
		for i := range n {
			all = append(all, operator.Problem{Kind: "webhook", Level: warning, Text: fmt.Sprint("hook ", i), Remedy: remedy(i)})
		}
		return all
	}
	same := func(int) string { return "Look." }
	source := operator.Problem{Kind: "source", Level: urgent, Text: "Polls fail."}
	for name, test := range map[string]struct {
		problems []operator.Problem
		want     string // text, listed+hidden, remedy
	}{
		"few":                {append([]operator.Problem{source}, hooks(2, same)...), "Polls fail. 0+0 |hook 0 0+0 Look.|hook 1 0+0 Look."},
		"many":               {append(append([]operator.Problem{source}, hooks(6, same)...), source), "Polls fail. 0+0 |6 webhooks need attention. 6+0 Look.|Polls fail. 0+0 "},
		"more than are fit":  {hooks(30, same), "30 webhooks need attention. 20+10 Look."},
		"different remedies": {hooks(6, func(i int) string { return fmt.Sprint(i) }), "6 webhooks need attention. 6+0 "},
	} {
		var got []string
		for _, c := range cards(test.problems) {
			got = append(got, fmt.Sprintf("%s %d+%d %s", c.Text, len(c.Group), c.Hidden, c.Remedy))
		}
		if text := strings.Join(got, "|"); text != test.want {
			t.Errorf("%s: %s, want %s", name, text, test.want)
		}
	}
}

// A page with many problems of a kind lists them in one card, with a link to each.
func TestGroupedProblems(t *testing.T) {
	f := newFixture(t, nil, func(o *Options) {
		o.State = func() operator.State {
			s := testState()
			for i := range 7 {
				s.Sources = append(s.Sources, operator.Source{ID: fmt.Sprintf("s%d", i), State: "failing", Cause: "timeout", Detail: "no answer in time"})
			}
			return s
		}
	})
	page := text(t, f.do("GET", "/", ""))
	for _, part := range []string{"<strong>7 sources fail.</strong>", `Polls of source s6 fail: no answer in time. <a href="#source-s6">Source s6</a>`, "Check that the server is not overloaded"} {
		if strings.Count(page, part) != 1 {
			t.Errorf("%d times %s", strings.Count(page, part), part)
		}
	}
}
