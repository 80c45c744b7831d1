// Package domain is the domain: what a phone system says (a [Reading], which is a value as a function of time), what a
// company shows (a [Widget]), and what the public sees of it at an instant (a [Snapshot]).
//
// It is pure: no I/O, no clock of its own, no encoding. Times come in as arguments, and every function that depends on
// the time also tells when its answer will change by itself, so that callers can sleep until then.
package domain
