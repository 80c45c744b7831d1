package locale

import (
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// formNames are the CLDR plural categories.
var formNames = [...]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

// formUse tells how many numbers a plural category is used for.
type formUse uint8

const (
	forOne formUse = iota + 1 // such as "one" in English, where the phrase need not name the number
	forSeveral
)

// formsOf finds the plural categories of a language by trying numbers: the rules themselves can't be read.
func formsOf(tag language.Tag) map[plural.Form]formUse {
	forms := map[plural.Form]formUse{}
	for n := int64(0); n <= 200_000; n += 100 { // 0, 0.1 … 200
		form := formOf(tag, n)
		forms[form] = min(forms[form]+1, forSeveral)
	}
	return forms
}

// formOf is the plural category of an amount in thousandths, not negative, as it looks without zeros at its end.
func formOf(tag language.Tag, thousandths int64) plural.Form {
	const enough = 10_000_000 // no rule looks at more digits than these; see MatchPlural
	digits := decimals(thousandths)
	fraction := int(thousandths % 1000)
	for range 3 - digits {
		fraction /= 10
	}
	return plural.Cardinal.MatchPlural(tag, int(thousandths/1000%enough), digits, digits, fraction, fraction)
}

// decimals is how many digits an amount in thousandths has after the point.
func decimals(thousandths int64) int {
	switch {
	case thousandths%1000 == 0:
		return 0
	case thousandths%100 == 0:
		return 1
	case thousandths%10 == 0:
		return 2
	}
	return 3
}
