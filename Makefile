# The commands of Skep. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules
.DEFAULT_GOAL := help

MODULES := proto libs services/network services/compute services/identity services/ingress services/bastion gateway cli test
BIN     := $(CURDIR)/bin
TOOLS   := PATH="$(BIN):$$PATH"
BASE    ?= main
FLAGS   ?=
ROW     ?=
MOTO    := .cache/moto
SKEP_NO_MOTO ?=
FOR     ?= 10m
IDLE    ?= 2m
# A count, or a time such as 30s. With a time, Go before 1.27 sometimes fails at its end for
# no reason (go.dev/issue/75804).
FUZZTIME ?= 100000x
COUNT   ?= 20
RACE    ?= ./libs/engine/... ./libs/aws/... ./libs/platform/...
SECONDS ?= 60

.PHONY: help
help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-zA-Z_-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Create a cluster in simulated AWS, wait until it is READY, and delete it
	@go run ./cli/cmd/skep demo $(FLAGS)

.PHONY: up
up: ## Serve the whole suite until Ctrl-C: REST on 127.0.0.1:8080, gRPC on 127.0.0.1:9090
	@go run ./cli/cmd/skep up $(FLAGS)

.PHONY: test
test: ## Run the tests that need only Go, and a sample of those with many cases
	SKEP_NO_MOTO=1 go test -short -timeout 20m $(FLAGS) work

.PHONY: test-full
test-full: check test-moto race schemathesis fuzz breaking clean-tree ## Run everything that CI runs; needs gcc and Python with venv or pip

.PHONY: test-moto
test-moto: venv ## Run all tests, also those of the shipped binaries over moto
	go test -timeout 30m $(FLAGS) work

# A test that fails now and then shows in twenty runs. Each package runs alone, so that
# the machine is no busier than in `make test`.
.PHONY: test-flaky
test-flaky: ## Run the tests of each package COUNT (20) times
	@for package in $$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' work); do \
	  SKEP_NO_MOTO=1 go test -count=$(COUNT) -timeout 2h $(FLAGS) $$package || failed="$${failed:-} $$package"; \
	done; test -z "$${failed:-}" || { echo "failed now and then:$$failed" >&2; exit 1; }

.PHONY: clean-tree
clean-tree: ## Fail if building or testing changed a file of the repository
	@test -z "$$(git status --porcelain)" || { git status --short; echo "building and testing must leave the tree clean" >&2; exit 1; }

.PHONY: race
race: ## Run the tests of RACE (the engine) with the race detector; RACE=work selects all
	SKEP_NO_MOTO=1 go test -race -timeout 60m $(FLAGS) $(RACE)

.PHONY: bench
bench: ## Run the benchmarks and compare each figure with its limit; ROW=fleet-100,rpc selects rows, FLAGS=-v shows details
	@go run ./test/bench/cmd/bench -row '$(ROW)' $(FLAGS)

.PHONY: bench-profile
bench-profile: ## Run the benchmarks with CPU and memory profiles of each ROW
	@go run ./test/bench/cmd/bench -profile -row '$(ROW)' $(FLAGS)

.PHONY: processes
processes: venv ## Test the suite as separate processes that are killed at random, with moto as AWS
	@go test -count=1 -timeout 20m ./test/processes $(FLAGS)

.PHONY: chaos
chaos: venv ## Create and delete clusters while processes are killed at random, FOR a time (10m), and check the result in moto
	@FOR=$(FOR) go test -count=1 -v -timeout 24h -run '^TestRandomKills' ./test/processes $(FLAGS)

.PHONY: bench-capa
bench-capa: venv ## Compare the AWS calls and the duration of a cluster in moto with Cluster API; IDLE (2m) is the time without changes
	@mkdir -p .cache/bench
	@IDLE=$(IDLE) CAPA_JSON=$(CURDIR)/.cache/bench/capa.json go test -count=1 -v -timeout 24h -run '^TestCallsOfACluster' ./test/processes $(FLAGS)

.PHONY: venv
venv: $(if $(filter 1,$(SKEP_NO_MOTO)),,$(MOTO)/.stamp) ## Install moto, an AWS simulator in Python for the tests, into .cache

.PHONY: cluster
cluster: ## Kill and partition three NATS servers FOR a time (10m), and check linearizability
	go test -count=1 -v -timeout 0 -run '^TestTheStore' ./test/cluster -for $(FOR) -figures $(CURDIR)/.cache/figures $(FLAGS)

# The AWS SDK is not instrumented: with coverage counters its build takes half an hour.
UNFUZZED := -gcflags=github.com/aws/...=-d=libfuzzer=0

.PHONY: fuzz
fuzz: ## Run each fuzz test for FUZZTIME (100000x)
	@grep -rl --include=fuzz_test.go '^func Fuzz' $(MODULES) | while read -r file; do \
	  sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' "$$file" | while read -r name; do \
	    echo "$$name"; go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) $(UNFUZZED) "./$$(dirname "$$file")"; \
	  done; \
	done

.PHONY: faults
faults: ## Inject each fault at each event of a cluster's life and check AWS (FLAGS="-run AtAnyEvent -faults.match=late" selects some)
	FAULTS=all go test -count=1 -v -timeout 12h ./test/faults $(FLAGS)

.PHONY: mutants
mutants: ## Remove each safety line of the code and check that its test fails
	MUTANTS=all go test -count=1 -v -timeout 1h ./test/mutants $(FLAGS)

.PHONY: schemathesis
schemathesis: .cache/venv-schemathesis/.stamp ## Test the REST API against its OpenAPI description for SECONDS (60)
	test/schemathesis/run $(SECONDS)

.cache/venv-schemathesis/.stamp: test/schemathesis/requirements.txt
	python3 -m venv .cache/venv-schemathesis
	.cache/venv-schemathesis/bin/pip install --quiet --requirement $<
	@touch $@

.PHONY: check
check: vet lint lint-proto lint-prose check-generate ## Run the fast checks: vet, lint, contracts, prose, generated code up to date

.PHONY: tools
tools: $(BIN)/.stamp ## Build the pinned tools into bin: buf, golangci-lint, grpcurl and the code generators

.PHONY: vet
vet: ## Run go vet in every module
	go vet work

.PHONY: lint
lint: $(BIN)/.stamp ## Run golangci-lint with .golangci.yaml in every module
	@for module in $(MODULES); do (cd $$module && $(BIN)/golangci-lint run --config $(CURDIR)/.golangci.yaml ./...); done

.PHONY: lint-proto
lint-proto: third_party/.stamp ## Check lint and format of the contracts with buf
	$(TOOLS) buf format proto -d --exit-code
	$(TOOLS) buf lint proto

.PHONY: lint-prose
lint-prose: $(BIN)/.stamp-prose ## Check the prose of documents, comments and texts for users with Vale; FLAGS=-count counts
	@cd tools/prose && GOWORK=off go test ./...
	@cd tools/prose/styles/Skep && $(BIN)/vale test .
	@$(TOOLS) prose $(FLAGS)

.PHONY: breaking
breaking: third_party/.stamp ## Check that the contracts are compatible with those of BASE (main)
	@rm -rf .cache/against && mkdir -p .cache/against
	@if git cat-file -e '$(BASE):proto/skep' 2>/dev/null; then \
	  git archive '$(BASE)' proto/skep | tar -x -C .cache/against && \
	  cp buf.yaml .cache/against/ && ln -s ../../third_party .cache/against/third_party && \
	  $(TOOLS) buf breaking proto --against .cache/against/proto; \
	else \
	  git rev-parse -q --verify '$(BASE)^{commit}' >/dev/null || { echo "breaking: $(BASE) does not exist" >&2; exit 1; }; \
	  echo "breaking: skipped, because $(BASE) has no contracts"; \
	fi

.PHONY: generate
generate: third_party/.stamp ## Generate proto/gen from the contracts
	$(TOOLS) buf generate

.PHONY: check-generate
check-generate: generate ## Check that proto/gen is up to date
	@test -z "$$(git status --porcelain -- proto/gen)" || { git diff --stat -- proto/gen; echo "run make generate and commit" >&2; exit 1; }

.PHONY: tidy
tidy: ## Run go mod tidy in every module
	@for module in $(MODULES) tools tools/prose; do (cd $$module && GOWORK=off go mod tidy); done
	go work sync
	@for module in $(MODULES); do (cd $$module && GOWORK=off go mod tidy); done

.PHONY: golden
golden: ## Update all golden files
	UPDATE_GOLDEN=1 go test work

# tools/go.mod pins the tools. Only the targets that generate or lint need them: the build of
# buf and golangci-lint takes minutes on a small machine.
$(BIN)/.stamp: tools/go.mod tools/go.sum $(wildcard tools/proto*/*.go)
	cd tools && GOWORK=off GOBIN=$(BIN) go install tool
	@touch $@

# Vale has its own module, to keep its dependencies out of tools/go.mod, and its own stamp, so
# that only lint-prose builds it. It needs a C compiler for tree-sitter; -w suppresses the
# warnings of generated C code.
$(BIN)/.stamp-prose: tools/prose/go.mod tools/prose/go.sum $(wildcard tools/prose/*.go)
	cd tools/prose && GOWORK=off GOBIN=$(BIN) CGO_ENABLED=1 CGO_CFLAGS="-O1 -w" go install tool
	@touch $@

$(MOTO)/.stamp: test/moto/requirements.txt test/moto/install.sh
	test/moto/install.sh $(MOTO)
	@touch $@

third_party/.stamp: $(BIN)/.stamp
	$(BIN)/protodeps third_party/proto
	@touch $@
