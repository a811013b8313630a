// Runs a fuzz target without a fuzzer: once on the empty input, then once on each file of the folders given. A folder
// that does not exist yet has no files; a file that cannot be read is an error, or a regression could pass unseen.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

/// The target gets a copy of exactly the input's size, so that memory checkers see a read past its end.
void run_one(const std::string& input) {
  const auto copy = std::make_unique<std::uint8_t[]>(input.size());
  if (!input.empty()) std::memcpy(copy.get(), input.data(), input.size());
  LLVMFuzzerTestOneInput(copy.get(), input.size());
}

bool run_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string input{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return false;
  }
  std::fprintf(stderr, "%s\n", path.c_str());  // before the run: a crash then names its input
  run_one(input);
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  bool all_read = true;
  int inputs = 1;
  run_one({});
  for (int i = 1; i < count; ++i) {
    const std::filesystem::path folder = arguments[i];
    if (!std::filesystem::is_directory(folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      all_read = run_file(entry.path()) && all_read;
      ++inputs;
    }
  }
  std::fprintf(stderr, "%d inputs\n", inputs);
  return all_read ? 0 : 1;
}
