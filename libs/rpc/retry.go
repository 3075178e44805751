package rpc

import (
	"encoding/json"
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// retryPolicy sends a call again when the server is unavailable: after up to 0.1,
// 0.2 and 0.4 s, which bridges the restart of a replica behind a load balancer and
// not an outage. See https://github.com/grpc/proposal/blob/master/A6-client-retries.md.
var retryPolicy = map[string]any{
	"maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2,
	"retryableStatusCodes": []string{"UNAVAILABLE"},
}

// retryConfig is the service config of every client: the retry policy for the
// methods whose contract says that they are idempotent, among all that the process
// has linked in. A client that is refused much stops to retry.
var retryConfig = sync.OnceValue(func() string {
	var methods []map[string]string
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				if isIdempotent(method) {
					methods = append(methods, map[string]string{"service": string(service.FullName()), "method": string(method.Name())})
				}
			}
		}
		return true
	})
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

// isIdempotent reads the idempotency level off the contract of a method.
func isIdempotent(method protoreflect.MethodDescriptor) bool {
	options, ok := method.Options().(*descriptorpb.MethodOptions)
	return ok && options.GetIdempotencyLevel() != descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN
}
