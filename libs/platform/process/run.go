// Package process runs the parts of a process concurrently and ends the process.
//
// Open the dependencies of the parts before All and close them with defer: then they outlive the parts and are closed
// in reverse order. Every package may import this one; only Main ends a process.
package process

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// All runs every part until ctx ends or one of them fails, then stops the others and waits for them. It returns the
// first failure. A part that returns nil has finished, and the others continue; a panic is a failure; a part that
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

// guarded runs one part and turns a panic of it into an error with the stack.
func guarded(ctx context.Context, part func(context.Context) error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return part(ctx)
}
