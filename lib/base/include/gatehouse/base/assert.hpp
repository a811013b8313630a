#pragma once

#include <cstdlib>

/// Ends the process when `condition` is false, in every build: a broken invariant at the front door must not be served.
/// An expression, usable on the left of a comma.
#define GATEHOUSE_ASSERT(condition) (__builtin_expect(static_cast<bool>(condition), 1) ? void() : std::abort())

/// A returned view borrows from the object it is called on. clang rejects dangling uses; g++ ignores it.
#if defined(__clang__)
#define GATEHOUSE_LIFETIME_BOUND [[clang::lifetimebound]]
#else
#define GATEHOUSE_LIFETIME_BOUND
#endif
