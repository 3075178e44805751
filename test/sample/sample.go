// Package sample shortens tests that have many cases: with -short, as in `make test`, they
// play an even part of the cases. Only tests import it.
package sample

import "testing"

// Every returns all cases, or with -short every nth of them, starting with the one at first.
func Every[T any](n, first int, cases []T) []T {
	if !testing.Short() {
		return cases
	}
	var some []T
	for i := first % n; i < len(cases); i += n {
		some = append(some, cases[i])
	}
	return some
}
