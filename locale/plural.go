package locale

import (
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// formNames lists the CLDR plural categories.
var formNames = [...]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

// A formUse is the number of numbers that use a plural category.
type formUse uint8

const (
	forOne formUse = iota + 1 // such as "one" in English; the phrase may omit the number
	forSeveral
)

// formsOf finds the plural categories of a language by trying numbers, because x/text doesn't export the rules.
func formsOf(tag language.Tag) map[plural.Form]formUse {
	forms := map[plural.Form]formUse{}
	for n := int64(0); n <= 200_000; n += 100 { // 0, 0.1 … 200
		form := formOf(tag, n)
		forms[form] = min(forms[form]+1, forSeveral)
	}
	return forms
}

// formOf returns the plural category of an amount in thousandths, at least 0, written without trailing zeros.
func formOf(tag language.Tag, thousandths int64) plural.Form {
	const enough = 10_000_000 // rules use no more digits; see MatchPlural
	digits := decimals(thousandths)
	fraction := int(thousandths % 1000)
	for range 3 - digits {
		fraction /= 10
	}
	return plural.Cardinal.MatchPlural(tag, int(thousandths/1000%enough), digits, digits, fraction, fraction)
}

// decimals returns the number of decimals of an amount in thousandths.
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
