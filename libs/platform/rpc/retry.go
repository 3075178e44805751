package rpc

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// retryPolicy retries a call when the server is unavailable: after up to 0.1, 0.2 and 0.4 s. That bridges the restart
// of a replica behind a load balancer, not an outage. See
// https://github.com/grpc/proposal/blob/master/A6-client-retries.md.
var retryPolicy = map[string]any{
	"maxAttempts": maxAttempts, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2,
	"retryableStatusCodes": []string{"UNAVAILABLE"},
}

// The number of attempts of a call, and the delay before the second attempt.
const (
	maxAttempts    = 4
	initialBackoff = 100 * time.Millisecond
)

// retryConfig is the service config of every client: the retry policy for the idempotent methods of all services that
// are linked into the process. After many refusals a client stops retrying.
var retryConfig = sync.OnceValue(func() string {
	var methods []map[string]string
	for method := range idempotent() {
		service, name, _ := strings.Cut(method[1:], "/")
		methods = append(methods, map[string]string{"service": service, "method": name})
	}
	config := map[string]any{
		"retryThrottling": map[string]any{"maxTokens": 100, "tokenRatio": 0.1},
	}
	if len(methods) > 0 {
		config["methodConfig"] = []map[string]any{{"name": methods, "retryPolicy": retryPolicy}}
	}
	// Maps of strings and numbers always marshal.
	encoded, _ := json.Marshal(config)
	return string(encoded)
})

// isRepeatable reports whether the method with this full name is idempotent.
func isRepeatable(method string) bool { return idempotent()[method] }

// idempotent returns the full names of the idempotent methods of all services that are linked into the process.
var idempotent = sync.OnceValue(func() map[string]bool {
	methods := make(map[string]bool)
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				if isIdempotent(method) {
					methods[fmt.Sprintf("/%s/%s", service.FullName(), method.Name())] = true
				}
			}
		}
		return true
	})
	return methods
})

// isIdempotent reads the idempotency level of a method.
func isIdempotent(method protoreflect.MethodDescriptor) bool {
	options, ok := method.Options().(*descriptorpb.MethodOptions)
	return ok && options.GetIdempotencyLevel() != descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN
}
