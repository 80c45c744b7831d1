package config

import (
	"fmt"
	"time"
)

// defaults holds settings for widgets that do not set them.
type defaults struct {
	unlisted   bool
	origins    []string      // nil for any site
	staleAfter time.Duration // 0 to derive it from the sources
	hideAfter  time.Duration // 0 to derive it from staleAfter
	locale     string
	zone       *time.Location // nil for that of a widget's hours
}

// defaultsOf checks the settings of a file for all widgets.
func (c *checker) defaultsOf(file *File) defaults {
	out := defaults{locale: file.Locale, zone: c.zone("timezone", file.Timezone)}
	in := file.Defaults
	if in == nil || !c.ok("defaults") {
		return out
	}
	out.unlisted, out.staleAfter, out.hideAfter = !in.Listed, in.StaleAfter, in.HideAfter
	out.origins = c.origins("defaults.origins", in.Origins)
	if in.Locale != "" {
		c.locale("defaults.locale", in.Locale)
		out.locale = in.Locale
	}
	if in.Timezone != "" {
		out.zone = c.zone("defaults.timezone", in.Timezone)
	}
	if in.StaleAfter != 0 && in.HideAfter != 0 && in.HideAfter < in.StaleAfter {
		c.add("defaults.hide_after", fmt.Sprintf("%s is shorter than stale_after, which is %s", short(in.HideAfter), short(in.StaleAfter)), staleFirst)
		out.hideAfter = 0 // one problem is enough
	}
	return out
}
