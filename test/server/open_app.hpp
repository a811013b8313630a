#pragma once
// An app whose service a harness can run.

#include <memory>

#include <gatehouse/server/app.hpp>

#include "app_core.hpp"

namespace gatehouse::test {

struct open_app : app {
  std::shared_ptr<const dispatcher> service() {
    auto made = core().make(limits{});
    return made ? *std::move(made) : nullptr;
  }
};

}  // namespace gatehouse::test
