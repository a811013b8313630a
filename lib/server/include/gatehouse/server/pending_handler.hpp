#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <gatehouse/base/config_error.hpp>
#include <gatehouse/base/result.hpp>
#include <gatehouse/server/call.hpp>

namespace gatehouse {

/// A handler as the user asked for it, not built yet: what `app.mount` takes. Never throws: what is wrong with it is
/// reported by `make`, so that `listen` can print it together with all other configuration errors.
class pending_handler {
 public:
  using made = result<std::shared_ptr<const handler>, config_errors>;
  using factory = std::function<made()>;

  explicit pending_handler(factory f) : make_(std::move(f)) {}
  /// One that exists already.
  explicit pending_handler(std::shared_ptr<const handler> ready)
      : make_([ready = std::move(ready)]() -> made { return ready; }) {}

  [[nodiscard]] made make() const { return make_(); }

 private:
  factory make_;
};

}  // namespace gatehouse
