# Skep: the one place for commands. `make help` lists them.
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
# A count, or a time such as 30s, at whose end Go before 1.27 may fail for no reason
# (go.dev/issue/75804).
FUZZTIME ?= 100000x
SECONDS ?= 60

.PHONY: help
help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-zA-Z_-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## One cluster in simulated AWS, from a document to READY and back to nothing
	@go run ./cli/cmd/skep demo $(FLAGS)

.PHONY: up
up: ## Serve the whole suite until Ctrl-C: REST on 127.0.0.1:8080, gRPC on 127.0.0.1:9090
	@go run ./cli/cmd/skep up $(FLAGS)

.PHONY: test
test: venv ## All tests
	go test -timeout 30m $(FLAGS) work

.PHONY: race
race: venv ## All tests under the race detector
	go test -race -timeout 60m $(FLAGS) work

.PHONY: bench
bench: ## Every figure beside its limit, in one table; ROW=fleet-100,rpc chooses, FLAGS=-v shows more
	@go run ./test/bench/cmd/bench -row '$(ROW)' $(FLAGS)

.PHONY: bench-profile
bench-profile: ## The same, and where the CPU time and the memory of each ROW go
	@go run ./test/bench/cmd/bench -profile -row '$(ROW)' $(FLAGS)

.PHONY: processes
processes: venv ## The suite as processes of their own, killed at random, over moto as AWS
	@go test -count=1 -timeout 20m ./test/processes $(FLAGS)

.PHONY: chaos
chaos: venv ## Kill processes at random FOR a while, as clusters come and go, and ask moto what there is
	@FOR=$(FOR) go test -count=1 -v -timeout 24h -run '^TestRandomKills' ./test/processes $(FLAGS)

.PHONY: bench-capa
bench-capa: venv ## Calls and seconds of a cluster over moto beside those of Cluster API, at rest for IDLE
	@mkdir -p .cache/bench
	@IDLE=$(IDLE) CAPA_JSON=$(CURDIR)/.cache/bench/capa.json go test -count=1 -v -timeout 24h -run '^TestCallsOfACluster' ./test/processes $(FLAGS)

.PHONY: venv
venv: $(if $(filter 1,$(SKEP_NO_MOTO)),,$(MOTO)/.stamp) ## Install moto, an AWS of its own in Python that tests compare with, into .cache

.PHONY: cluster
cluster: ## Three NATS servers, killed and cut off for FOR (10m), checked for linearizability
	go test -count=1 -v -timeout 0 -run '^TestTheStore' ./test/cluster -for $(FOR) -figures $(CURDIR)/.cache/figures $(FLAGS)

# The AWS SDK is not looked into: with counters in it, it takes half an hour to build.
UNFUZZED := -gcflags=github.com/aws/...=-d=libfuzzer=0

.PHONY: fuzz
fuzz: ## Every fuzz test in turn, FUZZTIME (100000x) each
	@grep -rl --include=fuzz_test.go '^func Fuzz' $(MODULES) | while read -r file; do \
	  sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' "$$file" | while read -r name; do \
	    echo "$$name"; go test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) $(UNFUZZED) "./$$(dirname "$$file")"; \
	  done; \
	done

.PHONY: faults
faults: ## Every fault at every event of a cluster's life, judged by what AWS holds (FLAGS="-run AtAnyEvent -faults.match=late" plays some)
	FAULTS=all go test -count=1 -v -timeout 12h ./test/faults $(FLAGS)

.PHONY: mutants
mutants: ## Take each safety line away, and hold that the test which guards it fails
	MUTANTS=all go test -count=1 -v -timeout 1h ./test/mutants $(FLAGS)

.PHONY: schemathesis
schemathesis: .cache/venv-schemathesis/.stamp ## The REST API against its own description, for SECONDS (60)
	test/schemathesis/run $(SECONDS)

.cache/venv-schemathesis/.stamp: test/schemathesis/requirements.txt
	python3 -m venv .cache/venv-schemathesis
	.cache/venv-schemathesis/bin/pip install --quiet --requirement $<
	@touch $@

# TODO(prose): add lint-prose to check once `make lint-prose` finds nothing.
.PHONY: check
check: vet lint lint-proto check-generate ## The fast checks: vet, lint, contracts, generated code up to date

.PHONY: tools
tools: $(BIN)/.stamp ## Build the pinned tools into bin: buf, golangci-lint, grpcurl and the code generators

.PHONY: vet
vet: ## go vet over every module
	go vet work

.PHONY: lint
lint: $(BIN)/.stamp ## golangci-lint with the linters of .golangci.yaml
	@for module in $(MODULES); do (cd $$module && $(BIN)/golangci-lint run --config $(CURDIR)/.golangci.yaml ./...); done

.PHONY: lint-proto
lint-proto: third_party/.stamp ## buf lint and format
	$(TOOLS) buf format proto -d --exit-code
	$(TOOLS) buf lint proto

.PHONY: lint-prose
lint-prose: $(BIN)/.stamp-prose ## Vale over Markdown, comments and the texts of the CLI, faults and conditions; FLAGS=-count counts
	@cd tools/prose && GOWORK=off go test ./...
	@cd tools/prose/styles/Skep && $(BIN)/vale test .
	@$(TOOLS) prose $(FLAGS)

.PHONY: breaking
breaking: third_party/.stamp ## Compare the contracts with those of BASE
	@rm -rf .cache/against && mkdir -p .cache/against
	@if git cat-file -e '$(BASE):proto/skep' 2>/dev/null; then \
	  git archive '$(BASE)' proto/skep | tar -x -C .cache/against && \
	  cp buf.yaml .cache/against/ && ln -s ../../third_party .cache/against/third_party && \
	  $(TOOLS) buf breaking proto --against .cache/against/proto; \
	else \
	  git rev-parse -q --verify '$(BASE)^{commit}' >/dev/null || { echo "breaking: there is no $(BASE)" >&2; exit 1; }; \
	  echo "breaking: $(BASE) has no contracts, so there is nothing to compare with"; \
	fi

.PHONY: generate
generate: third_party/.stamp ## Make proto/gen from the contracts
	$(TOOLS) buf generate

.PHONY: check-generate
check-generate: generate ## Fail if proto/gen is not what the contracts say
	@test -z "$$(git status --porcelain -- proto/gen)" || { git diff --stat -- proto/gen; echo "run make generate and commit" >&2; exit 1; }

.PHONY: tidy
tidy: ## go mod tidy in every module
	@for module in $(MODULES) tools tools/prose; do (cd $$module && GOWORK=off go mod tidy); done
	go work sync
	@for module in $(MODULES); do (cd $$module && GOWORK=off go mod tidy); done

.PHONY: golden
golden: ## Write every golden file anew
	UPDATE_GOLDEN=1 go test work

# The tools are modules pinned in tools/go.mod. Only what generates or lints needs
# them: buf and golangci-lint take minutes to build on a small machine.
$(BIN)/.stamp: tools/go.mod tools/go.sum $(wildcard tools/protodeps/*.go)
	cd tools && GOWORK=off GOBIN=$(BIN) go install tool
	@touch $@

# Vale has its own module, so that its dependencies leave tools/go.mod alone, and its
# own stamp, so that only lint-prose builds it. It needs a C compiler for tree-sitter;
# the warnings of generated C code are silenced.
$(BIN)/.stamp-prose: tools/prose/go.mod tools/prose/go.sum $(wildcard tools/prose/*.go)
	cd tools/prose && GOWORK=off GOBIN=$(BIN) CGO_ENABLED=1 CGO_CFLAGS="-O1 -w" go install tool
	@touch $@

$(MOTO)/.stamp: test/moto/requirements.txt test/moto/install.sh
	test/moto/install.sh $(MOTO)
	@touch $@

third_party/.stamp: $(BIN)/.stamp
	$(BIN)/protodeps third_party/proto
	@touch $@
