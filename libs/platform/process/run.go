// Package process runs the parts of a process together and ends the process.
//
// What the parts depend on is opened before All and closed with defer, so it
// outlives them and is closed last opened, first closed. Everything may import
// this package; Main alone may end a process.
package process

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// All runs every part until ctx is cancelled or one of them fails, then stops
// the rest and waits for them. It returns what failed first. A part that
// returns nil is done, and the others go on; a panic is a failure; a part that
// returns context.Canceled after it was stopped has stopped cleanly.
func All(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()

	var (
		all     sync.WaitGroup
		once    sync.Once
		failure error
	)
	for _, part := range parts {
		all.Go(func() {
			err := guarded(ctx, part)
			if err == nil || ctx.Err() != nil && errors.Is(err, context.Canceled) {
				return
			}
			once.Do(func() { failure = err })
			stop()
		})
	}
	all.Wait()
	return failure
}

// guarded runs one part and turns its panic into an error with the stack.
func guarded(ctx context.Context, part func(context.Context) error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return part(ctx)
}
