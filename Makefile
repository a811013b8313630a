# The two commands for a fresh machine are `make run` and `make test`; each installs what it misses.
# What is built, and how, is in CMakePresets.json.
SHELL := /bin/bash
PROGRAM := build/release/bin/gatehouse

.PHONY: build run test bench dist format tidy clean help
.DEFAULT_GOAL := help

help:                                          ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/' | expand -t 10

build:                                         ## the program, optimised and hardened: build/release/bin/gatehouse
	@tools/install-packages build
	@tools/configure release
	@cmake --build --preset release

run: build                                     ## build it and start the demo
	@$(PROGRAM) demo

test:                                          ## build and pass the tests (the slow ones: .ci/run)
	@tools/install-packages build test
	@tools/install-npm test/end_to_end
	@tools/configure test
	@cmake --build --preset test
	@ctest --preset test

bench:                                         ## compare with other servers; writes docs/benchmarks.md
	@tools/install-packages build bench
	@tools/build-profiled
	@bench/run

dist:                                          ## a Debian package and a tarball, built by a profile: build/dist/ (docs/install.md)
	@tools/install-packages build dist
	@tools/build-profiled
	@tools/dist build/bench/bin/gatehouse build/dist

format:                                        ## lay out all C++ sources with clang-format-19
	@tools/install-packages lint
	@tools/format

tidy:                                          ## check lib/ and gateway/ with clang-tidy-19
	@tools/install-packages build lint
	@tools/configure tidy
	@tools/tidy

clean:                                         ## remove everything that was built
	@rm -rf build
