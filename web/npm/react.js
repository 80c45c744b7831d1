'use client';
// The element for React. Versions below 19 hear no events of elements, and call a class classname.

import { createElement, forwardRef, useEffect, useImperativeHandle, useRef } from 'react';
import './index.js';

export const WaitTime = forwardRef(function WaitTime({ onUpdate, onError, className, ...attributes }, ref) {
  const element = useRef(null);
  useImperativeHandle(ref, () => element.current, []);
  useEvent(element, 'wait-time:update', onUpdate);
  useEvent(element, 'wait-time:error', onError);
  // React closes what it opens, so that all children stand in for the widget.
  return createElement('wait-time', { ...attributes, class: className, 'data-fallback': '', ref: element });
});

function useEvent(element, type, handler) {
  useEffect(() => {
    const target = element.current;
    if (!handler || !target) return;
    target.addEventListener(type, handler);
    return () => target.removeEventListener(type, handler);
  }, [element, type, handler]);
}
