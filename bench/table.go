package main

import "fmt"

// rows are the measurements of each server by name, one for each round.
type rows map[string][]measured

func (r rows) of(name string, value func(measured) float64) []float64 {
	values := make([]float64, len(r[name]))
	for i, m := range r[name] {
		values[i] = value(m)
	}
	return values
}

func perSecond(m measured) float64    { return m.perSecond }
func seconds(m measured) float64      { return 1 / m.perSecond }
func microseconds(m measured) float64 { return m.microseconds() }

// ratio formats how waitboard compares with another server.
func (r rows) ratio(to string, value func(measured) float64) string {
	return spreadOf(paired(r.of("waitboard", value), r.of(to, value))).ratio()
}

// printAmounts prints the results of each server: the median and the quartiles of all rounds.
func (s *stage) printAmounts(requests rows) {
	fmt.Println("\n| server | requests a second | processor time of a request, µs |\n| --- | --- | --- |")
	for _, c := range s.contenders() {
		fmt.Printf("| %s | %s | %s |\n", c.name,
			spreadOf(requests.of(c.name, perSecond)).amount(), spreadOf(requests.of(c.name, microseconds)).amount())
	}
}

// printRatios prints how waitboard compares with other servers: the median and the quartiles of the rounds' ratios. Processor time is the
// steadier one, because other work on the machine does not count as the server's.
func printRatios(requests, starts rows) {
	fmt.Println("\n| what | next to | requests a second | processor time of a request |\n| --- | --- | --- | --- |")
	for _, other := range []struct{ name, words string }{
		{"bare", "a bare net/http program that writes the same bytes"},
		{"nginx", "nginx with the same bytes in a file"},
		{"caddy", "Caddy's file server with the same file"},
	} {
		fmt.Printf("| cached JSON | %s | %s | %s |\n", other.words,
			requests.ratio(other.name, perSecond), requests.ratio(other.name, microseconds))
	}
	fmt.Println("\n| what | next to | time | processor time |\n| --- | --- | --- | --- |")
	fmt.Printf("| start to first good answer | the bare program | %s | %s |\n",
		starts.ratio("bare", seconds), starts.ratio("bare", microseconds))
}
