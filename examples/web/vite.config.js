import { defineConfig } from "vite";

export default defineConfig({
  // The package is linked from the checkout, beside this folder and not in it.
  server: { fs: { allow: ["../.."] } },
  optimizeDeps: { exclude: ["sportello"] },
  build: {
    target: "es2022",
    // An inlined file would be a `data:` address, which a strict policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
