#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include <gatehouse/server/around.hpp>

#include "handler_context.hpp"

namespace gatehouse::detail::server {

/// What user code wants done to the head of the response.
class head_editor final : public response_editor {
 public:
  head_editor(std::function<void(outgoing&)> edit, const handler_context& context, std::string_view name)
      : edit_(std::move(edit)), context_(&context), name_(name) {}

  void edit(call& c, response_head& head) noexcept override;

 private:
  std::function<void(outgoing&)> edit_;
  const handler_context* context_;
  std::string_view name_;
};

}  // namespace gatehouse::detail::server
