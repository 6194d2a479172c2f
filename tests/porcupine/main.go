// Reads histories of one object each, a line of JSON for each, and prints for each whether porcupine finds an order.
//
// The object is a register with revisions: a write names the revision that it replaces, and gets one that is higher
// than all before. tests/register.py writes the lines, and says what is left out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

const patience = 60 * time.Second // for one history; they take milliseconds

// An operation of one object. Return is 0 where nothing was answered: it may be done at any time, or never.
type operation struct {
	Client   int    `json:"client"`
	Kind     string `json:"kind"`
	Call     int64  `json:"call"`
	Return   int64  `json:"return"`
	Value    string `json:"value"`
	Expected int64  `json:"expected"`
	Revision int64  `json:"revision"` // at which it was written, or 0: not known
	Found    bool   `json:"found"`    // whether a get shows an object
	Foreign  bool   `json:"foreign"`  // whether no operation writes the value that a get shows
}

// What the object is. Nothing is known of it at first; later it is there or not. Its revision is 0 where the answer of
// its write was lost: higher than last, which is a lower bound of the revision that the store has come to.
type state struct {
	known    bool
	there    bool
	value    string
	revision int64
	last     int64
}

// named returns the object as one that has a revision; false where it cannot have that.
func (s state) named(revision int64) (state, bool) {
	switch {
	case !s.known:
		return state{true, true, "", revision, revision}, true
	case !s.there:
		return s, false
	case s.revision == 0 && revision > s.last:
		return state{true, true, s.value, revision, revision}, true
	}
	return s, s.revision == revision
}

// expected returns the object that a write needs: of the revision that it names, or any.
func (s state) expected(o operation) (state, bool) {
	if o.Expected != 0 {
		return s.named(o.Expected)
	}
	if s.known && s.there && s.revision == 0 {
		s.last++ // it has a revision above
	}
	return s, !s.known || s.there
}

func (s state) written(o operation) (bool, state) {
	if o.Revision == 0 {
		return true, state{true, true, o.Value, 0, s.last}
	}
	return o.Revision > s.last, state{true, true, o.Value, o.Revision, o.Revision}
}

func (s state) shown(o operation) (bool, state) {
	switch {
	case !o.Found && !s.known:
		return true, state{known: true}
	case !o.Found:
		return !s.there, s
	case !s.known:
		return o.Foreign, state{true, true, o.Value, o.Revision, o.Revision}
	case s.there && s.value == o.Value:
		next, fits := s.named(o.Revision)
		return fits, next
	}
	return false, s
}

func (s state) done(o operation) (bool, state) {
	switch o.Kind {
	case "create":
		if s.known && s.there {
			return false, s
		}
		return s.written(o)
	case "update":
		if before, fits := s.expected(o); fits {
			return before.written(o)
		}
	case "delete":
		if before, fits := s.expected(o); fits {
			return true, state{known: true, last: before.last + 1}
		}
	}
	return false, s
}

func step(before, input, _ interface{}) (bool, interface{}) {
	s, o := before.(state), input.(operation)
	if o.Kind == "get" {
		return wrapped(s.shown(o))
	}
	fits, next := s.done(o)
	if !fits && o.Return == 0 {
		return true, s // without effect: refused, or never done
	}
	return wrapped(fits, next)
}

func wrapped(fits bool, next state) (bool, interface{}) {
	return fits, next
}

func check(operations []operation) porcupine.CheckResult {
	var history []porcupine.Operation
	for _, each := range operations {
		end := each.Return
		if end == 0 {
			end = math.MaxInt64
		}
		history = append(history, porcupine.Operation{ClientId: each.Client, Input: each, Call: each.Call, Return: end})
	}
	model := porcupine.Model{Init: func() interface{} { return state{} }, Step: step}
	return porcupine.CheckOperationsTimeout(model, history, patience)
}

func main() {
	input := json.NewDecoder(bufio.NewReader(os.Stdin))
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	for input.More() {
		var operations []operation
		if err := input.Decode(&operations); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(output, check(operations))
	}
}
