package admin

import (
	"slices"
	"strconv"

	"waitboard/api/operator"
)

const (
	maxCards   = 50 // that are shown at once
	groupAbove = 5  // problems of one kind and level
	maxGrouped = 20 // problems that one card lists
)

// A card shows one problem, or many of one kind and level.
type card struct {
	operator.Problem                    // of a group: its text, its level, and the remedy that all have in common
	Group            []operator.Problem // empty: it is a single problem
	Hidden           int                // problems of the group that are not listed
}

// groupTexts say what problems of a kind have in common, after their number.
var groupTexts = map[string]string{
	"file": "included files can't be used.", "key": "sources reject their keys.", "tls": "sources can't be trusted, or don't speak TLS as configured.",
	"source": "sources fail.", "source_config": "sources have keys or certificates that can't be read.", "source_certificate": "certificates of sources expire soon.",
	"clock": "sources have wrong clocks.", "metric": "upstream metrics have no value.", "category": "upstream metrics lack a chosen category value.",
	"quarantine": "upstream metrics are rejected.", "widget": "widgets need attention.", "origins": "widgets refused requests from other sites.",
	"webhook": "webhooks need attention.",
}

// cards arranges problems in their order. A group takes the place of its first one.
func cards(problems []operator.Problem) (all []card) {
	type key struct{ kind, level string }
	count, at := map[key]int{}, map[key]int{}
	for i := range problems {
		count[key{problems[i].Kind, problems[i].Level}]++
	}
	for _, p := range problems {
		k := key{p.Kind, p.Level}
		text := groupTexts[p.Kind]
		if count[k] <= groupAbove || text == "" {
			all = append(all, card{Problem: p})
			continue
		}
		i, begun := at[k]
		if !begun {
			i, at[k] = len(all), len(all)
			all = append(all, card{Problem: operator.Problem{Kind: p.Kind, Level: p.Level, Text: strconv.Itoa(count[k]) + " " + text, Remedy: p.Remedy}})
		}
		group := &all[i]
		if len(group.Group) == maxGrouped {
			group.Hidden++
			continue
		}
		group.Group = append(group.Group, p)
	}
	for i := range all {
		if slices.ContainsFunc(all[i].Group, func(p operator.Problem) bool { return p.Remedy != all[i].Remedy }) {
			all[i].Remedy = ""
		}
	}
	return all
}
