package locale

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/number"
)

// maxDecimals is the precision of a float64 from 1 on.
const maxDecimals = 15

// Number formats n with a number of decimals, and rounds halves away from zero. With negative decimals it writes all, up to 15.
func (l *Locale) Number(n float64, decimals int) string {
	digits := min(decimals, maxDecimals)
	if decimals < 0 {
		digits = maxDecimals
	}
	if scale := math.Pow10(digits); math.Abs(n)*scale < 1<<53 { // larger ones have no decimals
		n = math.Round(n*scale) / scale
	}
	switch {
	case n == math.Trunc(n) && decimals <= 0 && 0 <= n && n < 1000: // the common case, many times as fast
		return l.localDigits(strconv.Itoa(int(n)))
	case n == 0:
		n = 0 // not -0
	}
	options := []number.Option{number.MaxFractionDigits(digits)}
	if decimals >= 0 {
		options[0] = number.Scale(digits)
	}
	if l.ungroup && math.Abs(n) < 10_000 {
		options = append(options, number.NoSeparator())
	}
	return strings.ReplaceAll(l.printer.Sprint(number.Decimal(n, options...)), "’", "'") // Swiss separator since CLDR 48
}

// localDigits replaces Latin digits by the language's.
func (l *Locale) localDigits(text string) string {
	if l.zero == '0' {
		return text
	}
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + l.zero
		}
		return r
	}, text)
}

// easternDigits lists the regions where Arabic uses ٠١٢٣ by default.
var easternDigits = []string{
	"BH", "DJ", "EG", "ER", "IL", "IQ", "JO", "KM", "KW", "LB", "MR", "OM", "PS", "QA", "SA", "SD", "SO", "SS", "SY", "TD", "YE",
}

// withDigits adds the digits of Arabic to a tag without them. The defaults of x/text and browsers differ, and the script in the page must
// use the digits of the server.
func withDigits(tag language.Tag) language.Tag {
	base, _, region := tag.Raw()
	if base.String() != "ar" || tag.TypeForKey("nu") != "" {
		return tag
	}
	digits := "latn"
	if slices.Contains(easternDigits, region.String()) {
		digits = "arab"
	}
	if named, err := tag.SetTypeForKey("nu", digits); err == nil {
		return named
	}
	return tag
}

// ungroups reports whether numbers of four digits have no separator. x/text doesn't support it: CLDR's minimumGroupingDigits is 2 in
// Italian, Polish, the Portuguese of Portugal, and the Spanish of all regions but the Americas.
func ungroups(tag language.Tag) bool {
	base, _, region := tag.Raw()
	switch base.String() {
	case "it", "pl":
		return true
	case "pt":
		return region.String() == "PT"
	case "es":
		for tag != language.Und && tag != language.LatinAmericanSpanish {
			tag = tag.Parent()
		}
		return tag == language.Und
	}
	return false
}
